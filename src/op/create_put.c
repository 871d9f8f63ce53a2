/* Where the files of a bag go while it is made: into a tar, or into a folder. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "op/create_impl.h"

int sb_bag_writer_open(struct sb_bag_writer *writer, const struct sb_create *create,
                       const struct sb_tar_sink *sink, struct sb_error *error)
{
    *writer = (struct sb_bag_writer){.file = -1, .create = create};
    sb_tree_init(&writer->tree, create->staging.fd);
    return create->in_folder ? 0
                             : sb_tar_writer_new(&writer->tar, sink, create->options->time, error);
}

void sb_bag_writer_close(struct sb_bag_writer *writer)
{
    if (writer->create == NULL)
        return;
    if (writer->file >= 0)
        close(writer->file);
    sb_tree_close(&writer->tree);
    sb_tar_writer_free(writer->tar);
    *writer = (struct sb_bag_writer){0};
}

/* In the bag, without its name. */
static const char *inside(const struct sb_bag_writer *writer, const char *path)
{
    return path + strlen(writer->create->name) + 1;
}

static int failed(const struct sb_bag_writer *writer, struct sb_error *error)
{
    if (errno == EEXIST || errno == ENOTDIR || errno == EISDIR || errno == ELOOP)
        return sb_error_set(error, SEALBAG_ERR_IO,
                            "The disk of the output cannot hold two of the names apart, so nothing "
                            "was sealed. Write to another disk, or make an archive.");
    return sb_error_errno(error, errno, "write", writer->create->options->output);
}

int sb_bag_writer_begin(struct sb_bag_writer *writer, const char *path, uint64_t size,
                        struct sb_error *error)
{
    if (writer->tar != NULL)
        return sb_tar_begin(writer->tar, path, size, error);
    int dir_fd = sb_tree_parent(&writer->tree, inside(writer, path), true, &writer->name);
    if (dir_fd >= 0)
        writer->file = openat(dir_fd, writer->name,
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    writer->dir_fd = dir_fd;
    return writer->file < 0 ? failed(writer, error) : 0;
}

int sb_bag_writer_data(struct sb_bag_writer *writer, const void *bytes, size_t len,
                       struct sb_error *error)
{
    if (writer->tar != NULL)
        return sb_tar_data(writer->tar, bytes, len, error);
    return sb_fd_write(writer->file, bytes, len) < 0 ? failed(writer, error) : 0;
}

static int close_file(struct sb_bag_writer *writer)
{
    int file = writer->file;
    writer->file = -1;
    return close(file);
}

int sb_bag_writer_end(struct sb_bag_writer *writer, struct sb_error *error)
{
    if (writer->tar != NULL)
        return sb_tar_end(writer->tar, error);
    return close_file(writer) < 0 ? failed(writer, error) : 0;
}

int sb_bag_writer_take_back(struct sb_bag_writer *writer, struct sb_error *error)
{
    if (writer->tar != NULL)
        return sb_tar_take_back(writer->tar, error);
    close_file(writer);
    return unlinkat(writer->dir_fd, writer->name, 0) < 0 ? failed(writer, error) : 0;
}

int sb_bag_writer_add(struct sb_bag_writer *writer, const char *path, const void *bytes, size_t len,
                      struct sb_error *error)
{
    if (writer->tar != NULL)
        return sb_tar_add(writer->tar, path, bytes, len, error);
    int r = sb_bag_writer_begin(writer, path, len, error);
    if (r == 0 && len > 0)
        r = sb_bag_writer_data(writer, bytes, len, error);
    return r == 0 ? sb_bag_writer_end(writer, error) : r;
}
