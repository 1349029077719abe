// Story:   nothing but this comment.
// 00.1:    COMPILE
// 00.2:    COMPILE
