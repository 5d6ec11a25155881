/* 256 short plain English words, one for each value of a byte: for saying a hash aloud. */
#ifndef CHAIN_WORDS_H
#define CHAIN_WORDS_H

#define WORDS_N 256
extern const char *const words_list[WORDS_N];

#endif
