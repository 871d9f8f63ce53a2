/* A stock secret key, and whether this is a build whose memory is not the usual one. */
#ifndef SB_TESTS_UNIT_STOCK_KEY_H
#define SB_TESTS_UNIT_STOCK_KEY_H

/* A sanitizer has a malloc and signal handlers of its own. */
#ifdef __has_feature
enum { SANITIZED = __has_feature(address_sanitizer) };
#elif defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* Written by minisign 0.11: `minisign -G -W`. */
static const char stock_plain[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAbjo32oObGXUvDwehB3s5+9"
    "wTrBQR96urJxGnGVzSUxnk+LeWgyA616I/zny/GWQVJlbuqh6Vg7AZNHVQ0Yiwd2fg+QaNe+FyAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAA=\n";

#endif
