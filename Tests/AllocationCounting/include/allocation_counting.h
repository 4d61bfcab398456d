/* Counts what the whole process takes from the heap, on all its threads.
 *
 * A program that links this has its malloc and the like go through here on their way to the C library. */
#ifndef ALLOCATION_COUNTING_H
#define ALLOCATION_COUNTING_H

#include <stddef.h>

/* Begins counting, at 0. */
void allocation_counting_start(void);

/* Ends counting; returns the number of allocations and reallocations since the start. */
size_t allocation_counting_stop(void);

#endif
