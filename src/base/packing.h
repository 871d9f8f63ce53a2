/* What a bag is packed in. */
#ifndef SB_BASE_PACKING_H
#define SB_BASE_PACKING_H

enum sb_packing {
    SB_PACKED_NOT, /* a folder */
    SB_PACKED_TAR,
    SB_PACKED_TAR_GZ,
    SB_PACKED_TAR_ZST,
    SB_PACKED_ZIP,
};

#endif
