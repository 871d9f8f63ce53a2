/* Passphrases: from a descriptor, a file or the terminal; never from arguments. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli.h"

int sb_passphrases_option(struct sb_passphrases *from, const char *verb, bool is_fd,
                          const char *value)
{
    unsigned long number;
    if (from->fd >= 0)
        return sb_cli_usage(verb, "The passphrase can come from one place only.");
    if (!is_fd) {
        from->fd = open(value, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (from->fd >= 0)
            return 0;
        struct sb_error error;
        sb_error_errno(&error, errno, "open the passphrase file", value);
        return sb_cli_fail(&error);
    }
    if (!sb_cli_number(&number, verb, "--passphrase-fd", value, 0, 1023))
        return EXIT_USAGE;
    from->fd = (int)number;
    return 0;
}

/* One line, byte by byte, so that the next call finds the next one. Its length, or a code. */
static int read_line(int fd, char *out, size_t size)
{
    size_t len = 0;
    for (;;) {
        char c;
        ssize_t n = read(fd, &c, 1);
        if (n < 0 && errno == EINTR && !sb_process_stopped())
            continue;
        if (n < 0)
            return SEALBAG_ERR_PASSPHRASE;
        if (n == 0 || c == '\n')
            break;
        if (len == size)
            return SEALBAG_ERR_PASSPHRASE;
        out[len++] = c;
    }
    return (int)len;
}

static int read_hidden(int tty, const char *prompt, char *out, size_t size)
{
    struct termios before, hidden;
    dprintf(tty, "%s", prompt);
    if (tcgetattr(tty, &before) < 0)
        return SEALBAG_ERR_PASSPHRASE;
    hidden = before;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    tcsetattr(tty, TCSAFLUSH, &hidden);
    int len = read_line(tty, out, size);
    tcsetattr(tty, TCSAFLUSH, &before);
    dprintf(tty, "\n");
    return len;
}

/* Constant-time equality is not needed: both were typed here. */
static int ask_twice(int tty, bool change, char *out, size_t size)
{
    const char *prompt = change ? "New passphrase: " : "Passphrase for the new key: ";
    int len = read_hidden(tty, prompt, out, size / 2);
    if (len <= 0)
        return len;
    char *second = out + size / 2;
    int again = read_hidden(tty, "The same passphrase again: ", second, size / 2);
    bool same = again == len && memcmp(out, second, (size_t)len) == 0;
    memset(second, 0, size / 2);
    if (!same) {
        dprintf(tty, "The two passphrases differ.\n");
        return SEALBAG_ERR_PASSPHRASE;
    }
    return len;
}

static int ask_terminal(const struct sb_passphrases *from, const char *key_file, char *out,
                        size_t size)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0)
        return SEALBAG_ERR_PASSPHRASE;
    int len;
    if (from->confirm) {
        len = ask_twice(tty, from->change, out, size);
    } else {
        char shown[400], prompt[500];
        snprintf(prompt, sizeof(prompt), "Passphrase for the key %s: ",
                 sealbag_text_escape(shown, sizeof(shown), key_file));
        len = read_hidden(tty, prompt, out, size);
    }
    close(tty);
    return len;
}

int sb_passphrase_ask(void *context, const char *key_file, char *out, size_t size)
{
    struct sb_passphrases *from = context;
    return from->fd >= 0 ? read_line(from->fd, out, size) : ask_terminal(from, key_file, out, size);
}
