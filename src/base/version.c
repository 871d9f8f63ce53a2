#include <sealbag/sealbag.h>

const char *sealbag_version_string(void)
{
    return SEALBAG_VERSION;
}
