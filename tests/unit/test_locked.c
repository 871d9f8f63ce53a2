/* Memory for secrets: none of it is in a process that is forked. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sign/keyfile.h"
#include "sign/locked.h"
#include "unit/stock_key.h"

/* Whether a process that is forked can read this byte. */
static bool child_can_read(const uint8_t *byte)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        const volatile uint8_t *at = byte;
        signal(SIGSEGV, SIG_DFL);
        _exit(*at == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGSEGV);
    return WIFEXITED(status);
}

static void a_forked_process_has_none(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 64, 4096, 5000};
    if (SANITIZED)
        skip();
    uint8_t other = 0;
    assert_true(child_can_read(&other));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *memory = sb_locked_new(sizes[i]);
        assert_non_null(memory);
        assert_false(child_can_read(memory));
        assert_false(child_can_read(memory + sizes[i] - 1));
        sb_locked_free(memory);
    }
}

/* Hostile files are read by a process that is forked while a key is open. */
static void nor_the_key(void **state)
{
    (void)state;
    struct sb_secret_key *key;
    if (SANITIZED)
        skip();
    assert_int_equal(
        sb_keyfile_parse(&key, (const uint8_t *)stock_plain, strlen(stock_plain), NULL, 0, NULL),
        0);
    assert_false(child_can_read(key->sk));
    assert_false(child_can_read(key->sk + sizeof(key->sk) - 1));
    sb_secret_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forked_process_has_none),
        cmocka_unit_test(nor_the_key),
    };
    return sb_sign_init(NULL) < 0 ? 1 : cmocka_run_group_tests_name("locked", tests, NULL, NULL);
}
