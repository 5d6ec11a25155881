/* The vector operations of one instruction set, chosen by what the including file was compiled for and the macro it
 * defined: KERNEL_AVX512, KERNEL_AVX2, KERNEL_NEON or KERNEL_PORTABLE.
 *
 * vf holds VW floats. vm is the result of a comparison (false where an operand is NaN). vt selects the first n lanes,
 * 0 < n <= VW: loads of the others give +0, stores leave memory alone. All is exact IEEE-754 single precision.
 *
 * Where a sum runs along a row, it runs in LANES sums side by side, lane l over the elements l, l + LANES and so on, in
 * LANES / VW vectors; v_total joins them in one fixed tree: l and l + 8, then l and l + 4, l + 2, l + 1. */
#ifndef NET_KERNEL_SIMD_H
#define NET_KERNEL_SIMD_H

#include <stddef.h>
#include <stdint.h>

/* One operation a line. */
/* clang-format off */

#define V_INLINE static inline __attribute__((always_inline))

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

#define LANES 16

#if defined(KERNEL_AVX512)
#include <immintrin.h>
#define VW 16
typedef __m512 vf;
typedef __mmask16 vm;
typedef __mmask16 vt;
V_INLINE vf v_set(float x) { return _mm512_set1_ps(x); }
V_INLINE vf v_load(const float *p) { return _mm512_loadu_ps(p); }
V_INLINE void v_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
V_INLINE vt v_tail(int n) { return (vt)((1u << n) - 1u); }
V_INLINE vf v_load_tail(const float *p, vt t) { return _mm512_maskz_loadu_ps(t, p); }
V_INLINE void v_store_tail(float *p, vt t, vf x) { _mm512_mask_storeu_ps(p, t, x); }
V_INLINE vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
V_INLINE vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
V_INLINE vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
V_INLINE vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
V_INLINE vf v_sqrt(vf a) { return _mm512_sqrt_ps(a); }
V_INLINE vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); } /* a > b ? a : b */
V_INLINE vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }   /* a b + c */
V_INLINE vf v_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); } /* c - a b */
V_INLINE vm v_gt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
V_INLINE vf v_pick(vm m, vf yes, vf no) { return _mm512_mask_blend_ps(m, no, yes); }
V_INLINE vf v_keep(vf a, vt t) { return _mm512_maskz_mov_ps(t, a); } /* +0 in the lanes left out */
V_INLINE vf v_abs(vf a)
{
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(a), _mm512_set1_epi32(0x7fffffff)));
}
V_INLINE vf v_copysign(vf size, vf sign)
{
    __m512i bit = _mm512_and_si512(_mm512_castps_si512(sign), _mm512_set1_epi32(INT32_MIN));
    return _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(size), bit));
}
/* 2^n for t = n + 1.5 * 2^23, -126 <= n <= 127: the low bits of t hold n. */
V_INLINE vf v_power(vf t)
{
    __m512i n = _mm512_slli_epi32(_mm512_castps_si512(t), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(n, _mm512_set1_epi32(0x3f800000)));
}
V_INLINE __m256 v_upper(vf a) { return _mm512_extractf32x8_ps(a, 1); }
V_INLINE __m256 v_lower(vf a) { return _mm512_castps512_ps256(a); }
V_INLINE float v_total(const vf *a)
{
    __m256 b = _mm256_add_ps(v_lower(a[0]), v_upper(a[0]));
    __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_add_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_add_ss(c, _mm_movehdup_ps(c)));
}
/* The rows of a square, which lie `row` floats apart, to its columns: x[c] is column c. Four rows' quarters come in one
 * vector by loading, so that half the shuffles are left. Of the square there may be the first columns alone, or the
 * first rows: fours of them; the rest is not read, and x has none of those columns, or anything in those lanes. */
V_INLINE void v_load_turned_part(const float *p, ptrdiff_t row, vf x[16], const int row_fours, const int column_fours)
{
    UNROLL
    for (int q = 0; q < column_fours; q++) {
        vf a[4];
        UNROLL
        for (int r = 0; r < 4; r++) {
            const float *first = p + r * row + 4 * q;
            a[r] = _mm512_castps128_ps512(_mm_loadu_ps(first));
            if (row_fours > 1)
                a[r] = _mm512_insertf32x4(a[r], _mm_loadu_ps(first + 4 * row), 1);
            if (row_fours > 2)
                a[r] = _mm512_insertf32x4(a[r], _mm_loadu_ps(first + 8 * row), 2);
            if (row_fours > 3)
                a[r] = _mm512_insertf32x4(a[r], _mm_loadu_ps(first + 12 * row), 3);
        }
        __m512d b = _mm512_castps_pd(_mm512_unpacklo_ps(a[0], a[1])), c = _mm512_castps_pd(_mm512_unpackhi_ps(a[0], a[1]));
        __m512d d = _mm512_castps_pd(_mm512_unpacklo_ps(a[2], a[3])), e = _mm512_castps_pd(_mm512_unpackhi_ps(a[2], a[3]));
        x[4 * q] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
        x[4 * q + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
        x[4 * q + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(c, e));
        x[4 * q + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(c, e));
    }
}
V_INLINE void v_load_turned(const float *p, ptrdiff_t row, vf x[16])
{
    v_load_turned_part(p, row, x, 4, 4);
}

#elif defined(KERNEL_AVX2)
#include <immintrin.h>
#define VW 8
typedef __m256 vf;
typedef __m256 vm;
typedef __m256i vt;
V_INLINE vf v_set(float x) { return _mm256_set1_ps(x); }
V_INLINE vf v_load(const float *p) { return _mm256_loadu_ps(p); }
V_INLINE void v_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
V_INLINE vt v_tail(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
V_INLINE vf v_load_tail(const float *p, vt t) { return _mm256_maskload_ps(p, t); }
V_INLINE void v_store_tail(float *p, vt t, vf x) { _mm256_maskstore_ps(p, t, x); }
V_INLINE vf v_add(vf a, vf b) { return _mm256_add_ps(a, b); }
V_INLINE vf v_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
V_INLINE vf v_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
V_INLINE vf v_div(vf a, vf b) { return _mm256_div_ps(a, b); }
V_INLINE vf v_sqrt(vf a) { return _mm256_sqrt_ps(a); }
V_INLINE vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }
V_INLINE vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
V_INLINE vf v_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
V_INLINE vm v_gt(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
V_INLINE vf v_pick(vm m, vf yes, vf no) { return _mm256_blendv_ps(no, yes, m); }
V_INLINE vf v_keep(vf a, vt t) { return _mm256_and_ps(a, _mm256_castsi256_ps(t)); }
V_INLINE vf v_abs(vf a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
V_INLINE vf v_copysign(vf size, vf sign) { return _mm256_or_ps(size, _mm256_and_ps(_mm256_set1_ps(-0.0f), sign)); }
V_INLINE vf v_power(vf t)
{
    __m256i n = _mm256_slli_epi32(_mm256_castps_si256(t), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(n, _mm256_set1_epi32(0x3f800000)));
}
V_INLINE float v_total(const vf *a)
{
    __m256 b = _mm256_add_ps(a[0], a[1]);
    __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_add_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_add_ss(c, _mm_movehdup_ps(c)));
}
V_INLINE void v_load_turned(const float *p, ptrdiff_t row, vf x[8])
{
    UNROLL
    for (int q = 0; q < 2; q++) {
        vf a[4];
        UNROLL
        for (int r = 0; r < 4; r++) {
            const float *at = p + r * row + 4 * q;
            a[r] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(at)), _mm_loadu_ps(at + 4 * row), 1);
        }
        __m256d b = _mm256_castps_pd(_mm256_unpacklo_ps(a[0], a[1])), c = _mm256_castps_pd(_mm256_unpackhi_ps(a[0], a[1]));
        __m256d d = _mm256_castps_pd(_mm256_unpacklo_ps(a[2], a[3])), e = _mm256_castps_pd(_mm256_unpackhi_ps(a[2], a[3]));
        x[4 * q] = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d));
        x[4 * q + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
        x[4 * q + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(c, e));
        x[4 * q + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(c, e));
    }
}

#elif defined(KERNEL_NEON)
#include <arm_neon.h>
#define VW 4
typedef float32x4_t vf;
typedef uint32x4_t vm;
typedef int vt;
V_INLINE vf v_set(float x) { return vdupq_n_f32(x); }
V_INLINE vf v_load(const float *p) { return vld1q_f32(p); }
V_INLINE void v_store(float *p, vf x) { vst1q_f32(p, x); }
V_INLINE vt v_tail(int n) { return n; }
V_INLINE vf v_load_tail(const float *p, vt t)
{
    float lane[4] = {0, 0, 0, 0};
    UNROLL
    for (int i = 0; i < t; i++)
        lane[i] = p[i];
    return vld1q_f32(lane);
}
V_INLINE void v_store_tail(float *p, vt t, vf x)
{
    float lane[4];
    vst1q_f32(lane, x);
    UNROLL
    for (int i = 0; i < t; i++)
        p[i] = lane[i];
}
V_INLINE vf v_add(vf a, vf b) { return vaddq_f32(a, b); }
V_INLINE vf v_sub(vf a, vf b) { return vsubq_f32(a, b); }
V_INLINE vf v_mul(vf a, vf b) { return vmulq_f32(a, b); }
V_INLINE vf v_div(vf a, vf b) { return vdivq_f32(a, b); }
V_INLINE vf v_sqrt(vf a) { return vsqrtq_f32(a); }
V_INLINE vf v_max(vf a, vf b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
V_INLINE vf v_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
V_INLINE vf v_fnma(vf a, vf b, vf c) { return vfmsq_f32(c, a, b); }
V_INLINE vm v_gt(vf a, vf b) { return vcgtq_f32(a, b); }
V_INLINE vf v_pick(vm m, vf yes, vf no) { return vbslq_f32(m, yes, no); }
V_INLINE vf v_keep(vf a, vt t)
{
    static const float number[4] = {0, 1, 2, 3};
    return vbslq_f32(vcgtq_f32(vdupq_n_f32((float)t), vld1q_f32(number)), a, vdupq_n_f32(0.0f));
}
V_INLINE vf v_abs(vf a) { return vabsq_f32(a); }
V_INLINE vf v_copysign(vf size, vf sign) { return vbslq_f32(vdupq_n_u32(0x80000000u), sign, size); }
V_INLINE vf v_power(vf t)
{
    uint32x4_t n = vshlq_n_u32(vreinterpretq_u32_f32(t), 23);
    return vreinterpretq_f32_u32(vaddq_u32(n, vdupq_n_u32(0x3f800000u)));
}
V_INLINE float v_total(const vf *a)
{
    float32x4_t b = vaddq_f32(vaddq_f32(a[0], a[2]), vaddq_f32(a[1], a[3]));
    float32x2_t c = vadd_f32(vget_low_f32(b), vget_high_f32(b));
    return vget_lane_f32(c, 0) + vget_lane_f32(c, 1);
}
V_INLINE void v_load_turned(const float *p, ptrdiff_t row, vf x[4])
{
    float32x4x2_t a = vtrnq_f32(v_load(p), v_load(p + row));
    float32x4x2_t b = vtrnq_f32(v_load(p + 2 * row), v_load(p + 3 * row));
    x[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    x[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    x[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    x[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}

#else
#include <math.h>
#include <string.h>
#define VW 1
typedef float vf;
typedef int vm;
typedef int vt;
V_INLINE uint32_t v_bits(vf x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
V_INLINE vf v_of_bits(uint32_t bits)
{
    vf x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
V_INLINE vf v_set(float x) { return x; }
V_INLINE vf v_load(const float *p) { return *p; }
V_INLINE void v_store(float *p, vf x) { *p = x; }
V_INLINE vt v_tail(int n) { return n; }
V_INLINE vf v_load_tail(const float *p, vt t) { return (void)t, *p; }
V_INLINE void v_store_tail(float *p, vt t, vf x) { (void)t, *p = x; }
V_INLINE vf v_add(vf a, vf b) { return a + b; }
V_INLINE vf v_sub(vf a, vf b) { return a - b; }
V_INLINE vf v_mul(vf a, vf b) { return a * b; }
V_INLINE vf v_div(vf a, vf b) { return a / b; }
V_INLINE vf v_sqrt(vf a) { return sqrtf(a); }
V_INLINE vf v_max(vf a, vf b) { return a > b ? a : b; }
V_INLINE vf v_fma(vf a, vf b, vf c) { return fmaf(a, b, c); }
V_INLINE vf v_fnma(vf a, vf b, vf c) { return fmaf(-a, b, c); }
V_INLINE vm v_gt(vf a, vf b) { return a > b; }
V_INLINE vf v_pick(vm m, vf yes, vf no) { return m ? yes : no; }
V_INLINE vf v_keep(vf a, vt t) { return (void)t, a; }
V_INLINE vf v_abs(vf a) { return v_of_bits(v_bits(a) & 0x7fffffffu); }
V_INLINE vf v_copysign(vf size, vf sign) { return v_of_bits(v_bits(size) | (v_bits(sign) & 0x80000000u)); }
V_INLINE vf v_power(vf t) { return v_of_bits((v_bits(t) << 23) + 0x3f800000u); }
V_INLINE float v_total(const vf *a)
{
    vf b[8], c[4];
    UNROLL
    for (int i = 0; i < 8; i++)
        b[i] = a[i] + a[i + 8];
    UNROLL
    for (int i = 0; i < 4; i++)
        c[i] = b[i] + b[i + 4];
    return (c[0] + c[2]) + (c[1] + c[3]);
}
#endif

#endif
