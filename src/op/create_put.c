/* Where the files of a bag go while it is made: into a bundle, or into a folder. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "op/create_impl.h"

void sb_bag_writer_open(struct sb_bag_writer *writer, const struct sb_create *create,
                        struct sb_bundle *bundle, struct sb_bundle_part *part)
{
    *writer = (struct sb_bag_writer){
        .create = create, .bundle = bundle, .part = part, .file = -1, .dir_fd = -1};
    sb_tree_init(&writer->tree, create->staging.fd);
}

void sb_bag_writer_close(struct sb_bag_writer *writer)
{
    if (writer->create == NULL)
        return;
    if (writer->file >= 0)
        close(writer->file);
    sb_tree_close(&writer->tree);
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
    if (writer->part != NULL)
        return sb_bundle_part_begin(writer->part, path, size, error);
    if (writer->bundle != NULL)
        return sb_bundle_begin(writer->bundle, path, size, error);
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
    if (writer->part != NULL)
        return sb_bundle_part_data(writer->part, bytes, len, error);
    if (writer->bundle != NULL)
        return sb_bundle_data(writer->bundle, bytes, len, error);
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
    if (writer->part != NULL)
        return sb_bundle_part_end(writer->part, error);
    if (writer->bundle != NULL)
        return sb_bundle_end(writer->bundle, error);
    return close_file(writer) < 0 ? failed(writer, error) : 0;
}

int sb_bag_writer_take_back(struct sb_bag_writer *writer, struct sb_error *error)
{
    if (writer->part != NULL)
        return sb_bundle_part_take_back(writer->part, error);
    if (writer->bundle != NULL)
        return sb_bundle_take_back(writer->bundle, error);
    close_file(writer);
    return unlinkat(writer->dir_fd, writer->name, 0) < 0 ? failed(writer, error) : 0;
}
