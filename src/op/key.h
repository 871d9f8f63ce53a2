/* The public struct sealbag_key. */
#ifndef SB_OP_KEY_H
#define SB_OP_KEY_H

#include "sign/keyfile.h"

struct sealbag_key {
    struct sb_secret_key *secret;
    bool encrypted;
    bool world_readable;
};

#endif
