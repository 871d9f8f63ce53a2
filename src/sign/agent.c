#include "sign/agent.h"

#include <stdlib.h>
#include <string.h>

#include "sign/parse.h"

enum {
    FAILURE = 5, /* two other numbers that old agents have for it are nonsense here */
    ASK_KEYS = 11,
    KEYS = 12,
    ASK_SIGNATURE = 13,
    SIGNATURE = 14,
    KEYS_MAX = 2048, /* OpenSSH's own bound */
};

static int nonsense(struct sb_error *error, const char *bad)
{
    return sb_error_set(error, SEALBAG_ERR_AGENT,
                        "What answers in the place of ssh-agent does not speak its language: %s. "
                        "See whether SSH_AUTH_SOCK leads to an ssh-agent: ssh-add -l lists its "
                        "keys.",
                        bad);
}

/* ---- requests -------------------------------------------------------------------------- */

static int put_u32(struct sb_buf *out, size_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value};
    return sb_buf_append(out, bytes, sizeof(bytes));
}

static int put_string(struct sb_buf *out, const void *bytes, size_t len)
{
    int r = put_u32(out, len);
    return r == 0 ? sb_buf_append(out, bytes, len) : r;
}

int sb_agent_ask_keys(struct sb_buf *out)
{
    static const uint8_t message[] = {0, 0, 0, 1, ASK_KEYS};
    return sb_buf_append(out, message, sizeof(message));
}

int sb_agent_ask_signature(struct sb_buf *out, const struct sb_identity *identity,
                           const uint8_t *data, size_t len)
{
    static const uint8_t type = ASK_SIGNATURE;
    uint8_t blob[SB_SSH_BLOB_MAX];
    size_t before = out->len;
    if (len > SB_AGENT_ANSWER_MAX / 2)
        return SEALBAG_ERR_USAGE;
    size_t blob_len = sb_ssh_blob_write(blob, identity);
    int r = put_u32(out, 1 + 4 + blob_len + 4 + len + 4);
    if (r == 0)
        r = sb_buf_append(out, &type, 1);
    if (r == 0)
        r = put_string(out, blob, blob_len);
    if (r == 0)
        r = put_string(out, data, len);
    if (r == 0)
        r = put_u32(out, 0);
    if (r < 0)
        out->len = before;
    return r;
}

/* ---- answers --------------------------------------------------------------------------- */

/* Takes the type off. */
static uint8_t take_type(struct sb_wire *wire)
{
    if (wire->left == 0)
        return 0;
    wire->left--;
    return *wire->at++;
}

/* A refusal says nothing more. */
static bool is_failure(uint8_t type, const struct sb_wire *wire)
{
    return type == FAILURE && wire->left == 0;
}

static int add_key(struct sb_agent_keys *keys, struct sb_span blob, struct sb_span comment,
                   struct sb_error *error)
{
    struct sb_agent_key key = {0};
    if (!sb_ssh_blob_read(&key.identity, blob.at, blob.len)) {
        keys->others++;
        return 0;
    }
    size_t len = comment.len < sizeof(key.comment) - 1 ? comment.len : sizeof(key.comment) - 1;
    if (len > 0)
        memcpy(key.comment, comment.at, len);
    struct sb_agent_key *items =
        sb_array_grow(keys->items, &keys->cap, keys->count, sizeof(*items));
    if (items == NULL)
        return sb_error_memory(error);
    keys->items = items;
    items[keys->count++] = key;
    return 0;
}

int sb_agent_read_keys(struct sb_agent_keys *out, const uint8_t *bytes, size_t len,
                       struct sb_error *error)
{
    struct sb_wire wire = {bytes, len};
    struct sb_agent_keys keys = {0};
    uint32_t count = 0;
    *out = keys;
    if (len > SB_AGENT_ANSWER_MAX)
        return nonsense(error, "its answer is far too long");
    uint8_t type = take_type(&wire);
    if (is_failure(type, &wire))
        return sb_error_set(error, SEALBAG_ERR_AGENT,
                            "The ssh-agent refuses to list its keys. It may be locked: ssh-add -X "
                            "unlocks it.");
    if (type != KEYS || !sb_wire_u32(&count, &wire) || count > KEYS_MAX)
        return nonsense(error, "its answer is no list of keys");
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < count; i++) {
        struct sb_span blob = {NULL, 0}, comment = {NULL, 0};
        if (!sb_wire_string(&blob, &wire) || !sb_wire_string(&comment, &wire))
            r = nonsense(error, "its list of keys ends too early");
        else
            r = add_key(&keys, blob, comment, error);
    }
    if (r == 0 && wire.left != 0)
        r = nonsense(error, "its list of keys goes on after its end");
    if (r < 0)
        sb_agent_keys_free(&keys);
    else
        *out = keys;
    return r;
}

void sb_agent_keys_free(struct sb_agent_keys *keys)
{
    free(keys->items);
    *keys = (struct sb_agent_keys){0};
}

int sb_agent_read_signature(struct sb_sshsig *out, bool *refused, const uint8_t *bytes, size_t len,
                            struct sb_error *error)
{
    struct sb_wire wire = {bytes, len};
    struct sb_span blob = {NULL, 0};
    *refused = false;
    uint8_t type = take_type(&wire);
    if (is_failure(type, &wire)) {
        *refused = true;
        return sb_error_set(error, SEALBAG_ERR_AGENT,
                            "The ssh-agent did not sign: the key was not touched in time, or its "
                            "use was not allowed.");
    }
    if (type != SIGNATURE || !sb_wire_string(&blob, &wire) || wire.left != 0)
        return nonsense(error, "its answer is no signature");
    if (!sb_sshsig_read_blob(out, blob.at, blob.len))
        return nonsense(error, "its signature is not of the key's kind");
    return 0;
}
