/* Functions that this project does not use: calling one is a compile error. Every source file is compiled with this
 * header first (see Makefile.am). The system headers come before the macros, so that their declarations stay intact. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name, instead) name##_is_banned_use_##instead

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, text_copy)
#undef strcat
#define strcat(a, b) BANNED(strcat, text_append)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(a, b) BANNED(strtok, text_next)
#undef gets
#define gets(a) BANNED(gets, fgets)
#undef atoi
#define atoi(a) BANNED(atoi, text_parse_int)
#undef rand
#define rand() BANNED(rand, base_random)
#undef srand
#define srand(a) BANNED(srand, base_random)
#undef localtime
#define localtime(a) BANNED(localtime, base_clock)
/* main.c alone calls (setlocale)(LC_CTYPE, ""), in parentheses, which no function-like macro replaces. */
#undef setlocale
#define setlocale(a, b) BANNED(setlocale, nothing)

#endif
