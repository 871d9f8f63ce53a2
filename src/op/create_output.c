/* Where the bag is written, and how it appears there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "op/create_impl.h"

bool sb_create_is_folder(const struct sb_create *create)
{
    return create->packing == SB_PACKED_NOT;
}

static int usage(struct sb_error *error, const char *sentence)
{
    return sb_error_set(error, SEALBAG_ERR_USAGE, "%s", sentence);
}

/* The output without the slashes at its end, in two parts. */
static int split_output(char **folder, char **name, const char *output, struct sb_error *error)
{
    size_t len = strlen(output);
    while (len > 1 && output[len - 1] == '/')
        len--;
    char *path = strndup(output, len);
    int r = path != NULL && sb_path_split(folder, name, path) == 0 ? 0 : sb_error_memory(error);
    free(path);
    return r;
}

int sb_create_name_folder(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    char *folder = NULL, *name = NULL, shown[600];
    if (options->output == NULL)
        return usage(error, "A folder cannot go to a pipe. Name it with -o.");
    if (options->force)
        return usage(error, "A folder is never replaced: leave --force out, and give a new name.");
    int r = split_output(&folder, &name, options->output, error);
    const char *why = r == 0 ? sb_bag_name_bad(name, strlen(name)) : NULL;
    if (why != NULL)
        r = sb_error_set(error, SEALBAG_ERR_USAGE,
                         "\"%s\" cannot name a bag: it %s. Name the folder otherwise.",
                         sealbag_text_escape(shown, sizeof(shown), name), why);
    else if (r == 0 && options->name != NULL && strcmp(options->name, name) != 0)
        r = usage(error,
                  "The folder of a bag is called like the bag. Leave --name out, or name the "
                  "folder so.");
    else if (r == 0)
        memcpy(create->name, name, strlen(name) + 1);
    free(folder);
    free(name);
    return r;
}

static int check_place(const struct sb_create *create, int dir_fd, const char *name,
                       struct sb_error *error)
{
    const char *output = create->options->output;
    char shown[1024];
    int inside = sb_source_contains(&create->source, dir_fd);
    if (inside < 0)
        return sb_error_errno(error, errno, "examine the folder of", output);
    if (inside > 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The output %s would lie inside the source. Write it somewhere else.",
                            sealbag_text_escape(shown, sizeof(shown), output));
    int is_source = sb_source_is(&create->source, dir_fd, name);
    if (is_source < 0)
        return sb_error_errno(error, errno, "examine", output);
    if (is_source > 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The output %s is one of the sources. Write it under another name.",
                            sealbag_text_escape(shown, sizeof(shown), output));
    return 0;
}

static int refuse_existing(const struct sb_create *create, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "%s exists already, and nothing is overwritten. Give another name.",
                        sealbag_text_escape(shown, sizeof(shown), create->options->output));
}

/* Before anything is made there: it may be a source. */
static int check_folder(struct sb_create *create, struct sb_error *error)
{
    struct stat status;
    int fd = open(create->output_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return sb_error_errno(error, errno, "use the folder", create->output_folder);
    int there = sb_path_there(&status, fd, create->name);
    int r = there < 0   ? sb_error_errno(error, errno, "examine", create->options->output)
            : there > 0 ? refuse_existing(create, error)
                        : check_place(create, fd, create->name, error);
    close(fd);
    return r;
}

/* Built in a hidden folder beside it. */
static int open_folder(struct sb_create *create, struct sb_error *error)
{
    char *name = NULL;
    int r = split_output(&create->output_folder, &name, create->options->output, error);
    free(name);
    if (r == 0)
        r = check_folder(create, error);
    return r == 0 ? sb_staging_open(&create->staging, create->output_folder, error) : r;
}

int sb_create_open_output(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    if (sb_create_is_folder(create))
        return open_folder(create, error);
    if (options->output == NULL) {
        sb_output_stream(&create->output, options->output_fd);
        return 0;
    }
    int r = sb_output_open_forcible(&create->output, options->output, options->force, 0666, error);
    return r == 0 ? check_place(create, create->output.dir_fd, create->output.name, error) : r;
}

int sb_create_publish(struct sb_create *create, struct sb_error *error)
{
    int r = sb_staging_publish(&create->staging, create->name, error);
    return r == SEALBAG_ERR_EXISTS ? refuse_existing(create, error) : r;
}

uint64_t sb_create_place(const struct sb_create *create)
{
    return sb_create_is_folder(create) ? 0 : sb_bundle_place(&create->bundle);
}
