#include "descriptors.hpp"
int main(){ offset_after_child_reads(0,1); }
