/* Vectors of doubles for dense_body.h: DW lanes. ROWS and VECTORS are the part of a square that fits into the
 * registers. */
#ifndef NET_KERNEL_DENSE_SIMD_H
#define NET_KERNEL_DENSE_SIMD_H

#include "net/kernel/dense.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */

#define D_INLINE static inline __attribute__((always_inline))

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

#if defined(KERNEL_AVX512)
#include <immintrin.h>
#define DW 8
#define ROWS 8
#define VECTORS 3
typedef __m512d vd;
D_INLINE vd d_set(double x) { return _mm512_set1_pd(x); }
D_INLINE vd d_load(const double *p) { return _mm512_loadu_pd(p); }
D_INLINE void d_store(double *p, vd x) { _mm512_storeu_pd(p, x); }
D_INLINE vd d_add(vd a, vd b) { return _mm512_add_pd(a, b); }
D_INLINE vd d_sub(vd a, vd b) { return _mm512_sub_pd(a, b); }
D_INLINE vd d_mul(vd a, vd b) { return _mm512_mul_pd(a, b); }
D_INLINE vd d_max(vd a, vd b) { return _mm512_max_pd(a, b); } /* a > b ? a : b */
D_INLINE vd d_sqrt(vd a) { return _mm512_sqrt_pd(a); }
D_INLINE vd d_fma(vd a, vd b, vd c) { return _mm512_fmadd_pd(a, b, c); }   /* a b + c */
D_INLINE vd d_fnma(vd a, vd b, vd c) { return _mm512_fnmadd_pd(a, b, c); } /* c - a b */
/* 2^n for t = n + 1.5 * 2^52, -1022 <= n <= 1023: the low bits of t hold n. */
D_INLINE vd d_power(vd t)
{
    __m512i n = _mm512_slli_epi64(_mm512_castpd_si512(t), 52);
    return _mm512_castsi512_pd(_mm512_add_epi64(n, _mm512_set1_epi64(0x3ff0000000000000)));
}

#elif defined(KERNEL_AVX2)
#include <immintrin.h>
#define DW 4
#define ROWS 4
#define VECTORS 3
typedef __m256d vd;
D_INLINE vd d_set(double x) { return _mm256_set1_pd(x); }
D_INLINE vd d_load(const double *p) { return _mm256_loadu_pd(p); }
D_INLINE void d_store(double *p, vd x) { _mm256_storeu_pd(p, x); }
D_INLINE vd d_add(vd a, vd b) { return _mm256_add_pd(a, b); }
D_INLINE vd d_sub(vd a, vd b) { return _mm256_sub_pd(a, b); }
D_INLINE vd d_mul(vd a, vd b) { return _mm256_mul_pd(a, b); }
D_INLINE vd d_max(vd a, vd b) { return _mm256_max_pd(a, b); }
D_INLINE vd d_sqrt(vd a) { return _mm256_sqrt_pd(a); }
D_INLINE vd d_fma(vd a, vd b, vd c) { return _mm256_fmadd_pd(a, b, c); }
D_INLINE vd d_fnma(vd a, vd b, vd c) { return _mm256_fnmadd_pd(a, b, c); }
D_INLINE vd d_power(vd t)
{
    __m256i n = _mm256_slli_epi64(_mm256_castpd_si256(t), 52);
    return _mm256_castsi256_pd(_mm256_add_epi64(n, _mm256_set1_epi64x(0x3ff0000000000000)));
}

#elif defined(KERNEL_NEON)
#include <arm_neon.h>
#define DW 2
#define ROWS 6
#define VECTORS 4
typedef float64x2_t vd;
D_INLINE vd d_set(double x) { return vdupq_n_f64(x); }
D_INLINE vd d_load(const double *p) { return vld1q_f64(p); }
D_INLINE void d_store(double *p, vd x) { vst1q_f64(p, x); }
D_INLINE vd d_add(vd a, vd b) { return vaddq_f64(a, b); }
D_INLINE vd d_sub(vd a, vd b) { return vsubq_f64(a, b); }
D_INLINE vd d_mul(vd a, vd b) { return vmulq_f64(a, b); }
D_INLINE vd d_max(vd a, vd b) { return vbslq_f64(vcgtq_f64(a, b), a, b); }
D_INLINE vd d_sqrt(vd a) { return vsqrtq_f64(a); }
D_INLINE vd d_fma(vd a, vd b, vd c) { return vfmaq_f64(c, a, b); }
D_INLINE vd d_fnma(vd a, vd b, vd c) { return vfmsq_f64(c, a, b); }
D_INLINE vd d_power(vd t)
{
    int64x2_t n = vshlq_n_s64(vreinterpretq_s64_f64(t), 52);
    return vreinterpretq_f64_s64(vaddq_s64(n, vdupq_n_s64(0x3ff0000000000000)));
}

#else
#define DW 1
#define ROWS 4
#define VECTORS 4
typedef double vd;
D_INLINE vd d_set(double x) { return x; }
D_INLINE vd d_load(const double *p) { return *p; }
D_INLINE void d_store(double *p, vd x) { *p = x; }
D_INLINE vd d_add(vd a, vd b) { return a + b; }
D_INLINE vd d_sub(vd a, vd b) { return a - b; }
D_INLINE vd d_mul(vd a, vd b) { return a * b; }
D_INLINE vd d_max(vd a, vd b) { return a > b ? a : b; }
D_INLINE vd d_sqrt(vd a) { return sqrt(a); }
D_INLINE vd d_fma(vd a, vd b, vd c) { return fma(a, b, c); }
D_INLINE vd d_fnma(vd a, vd b, vd c) { return fma(-a, b, c); }
D_INLINE vd d_power(vd t)
{
    uint64_t bits;
    memcpy(&bits, &t, sizeof bits);
    bits = (bits << 52) + UINT64_C(0x3ff0000000000000);
    memcpy(&t, &bits, sizeof t);
    return t;
}
#endif

/* clang-format on */

#endif
