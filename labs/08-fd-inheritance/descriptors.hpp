#pragma once
#include <cstddef>
#include <sys/types.h>
// 08.1
off_t offset_after_child_reads(int descriptor, std::size_t bytes);
