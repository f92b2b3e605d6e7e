/*
 * process.h - the memory of this very process, as Linux tells it, in bytes
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stddef.h>

/* Whether that is the program's own: with the address sanitizer, which keeps what is freed and notes beside it, it is
   not, and a notice says that a test is skipped. */
int process_is_measurable(void);

/* What is mapped, whether or not a page of it was ever touched; and what is resident. */
size_t process_mapped(void);
size_t process_resident(void);

/* The most that was resident since process_forget_most; forgetting gives 0 where the system does not allow it. */
size_t process_most_resident(void);
int process_forget_most(void);

#endif
