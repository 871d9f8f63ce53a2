# cmake -DINPUT=es.mo -DOUTPUT=es.c -DNAME=sb_catalogue_es -P embed.cmake
# Makes the bytes of a file a C array.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "/* Made from po/. */\n#include \"report/catalogues.h\"\n\n"
    "const uint8_t ${NAME}[] = {\n${bytes}\n};\nconst size_t ${NAME}_size = sizeof(${NAME});\n")
