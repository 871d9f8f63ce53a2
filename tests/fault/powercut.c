/* Cuts a mounted ext4 file system off from its disk, as a power cut would: nothing that is not on
 * the disk, or in the journal there, gets there any more.
 *
 *   powercut FOLDER */
#define _GNU_SOURCE /* O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, of the kernel's fs/ext4/ext4.h */
#define SHUTDOWN _IOR('X', 125, uint32_t)

int main(int argc, char **argv)
{
    uint32_t without_flushing = 2;
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0 || ioctl(fd, SHUTDOWN, &without_flushing) < 0) {
        fprintf(stderr, "powercut: %s\n", strerror(errno));
        return 1;
    }
    close(fd);
    return 0;
}
