/* Who may use a file or folder, and what is noted about it: for one that takes the place of
 * another.
 */
#ifndef SB_BASE_ACCESS_H
#define SB_BASE_ACCESS_H

#include <sys/stat.h>

/* Gives a new file or folder the mode, the owner, the group and the access control list of the old
 * one, of which fstat has told, as far as may be; who could not use that one cannot use this one.
 * `old_fd` may be -1: then there is no list. 0, or -1 with errno. */
int sb_access_take_over(int fd, int old_fd, const struct stat *old);

/* What people and programs have noted about the old file: extended attributes of the kind that
 * every owner may set. What the disk does not take is not kept. */
void sb_access_take_over_notes(int fd, int old_fd);

#endif
