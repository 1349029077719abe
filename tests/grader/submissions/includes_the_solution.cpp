// Includes the solution from where it lies in the course.
#include "../solutions/00-answer/answer.cpp"
#include "answer.hpp"
