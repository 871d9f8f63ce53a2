/* The catalogues of po/ as bytes; CMake makes them into a source file (cmake/embed.cmake). */
#ifndef SB_REPORT_CATALOGUES_H
#define SB_REPORT_CATALOGUES_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t sb_catalogue_es[];
extern const size_t sb_catalogue_es_size;

#endif
