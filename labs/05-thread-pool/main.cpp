// Skeleton.
int main() {}
