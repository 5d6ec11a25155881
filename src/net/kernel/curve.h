/* exp, sigmoid, tanh and the normal distribution in single precision, part of body.h. Polynomials were fitted at
 * Chebyshev nodes; the errors stated are measured against double libm by tests/exact/curves.c, of every float or of a
 * sample. They hold from -87.3 up; below, where exp stops, sigmoid is at most 1.3e-38 too large, and silu, x times it,
 * at most 1.3e-38 |x| from 0 (4 ulp above). exp, sigmoid and tanh never fell where x rose. */

/* exp(x) for x <= 0, at least exp(-87.3); 2 ulp. x = n ln 2 + r (Cody & Waite), then a polynomial of degree 6. */
V_INLINE vf curve_exp(vf x)
{
    const vf magic = v_set(12582912.0f);
    x = v_max(v_set(-87.3f), x);
    vf t = v_fma(x, v_set(1.44269502f), magic), n = v_sub(t, magic);
    vf r = v_fnma(n, v_set(-2.12194442e-4f), v_fnma(n, v_set(0.693359375f), x));
    vf p = v_set(0.0013926184f);
    p = v_fma(p, r, v_set(0.00836317893f));
    p = v_fma(p, r, v_set(0.0416665561f));
    p = v_fma(p, r, v_set(0.166665763f));
    p = v_fma(p, r, v_set(0.5f));
    p = v_fma(p, v_mul(r, r), r);
    return v_mul(v_add(p, v_set(1.0f)), v_power(t));
}

/* 1 / (1 + exp(-x)) through e = exp(-|x|), which cannot overflow; 3 ulp. */
V_INLINE vf curve_sigmoid(vf x)
{
    const vf one = v_set(1.0f), zero = v_set(0.0f);
    vf e = curve_exp(v_sub(zero, v_abs(x)));
    return v_div(v_pick(v_gt(zero, x), e, one), v_add(one, e));
}

/* Small |x|: x + x^3 P(x^2); else (1 - e) / (1 + e) with e = exp(-2|x|); 2 ulp. A NaN takes the second way. */
V_INLINE vf curve_tanh(vf x)
{
    const vf one = v_set(1.0f);
    vf size = v_abs(x), e = curve_exp(v_mul(v_set(-2.0f), size));
    vf large = v_copysign(v_div(v_sub(one, e), v_add(one, e)), x), square = v_mul(x, x);
    vf p = v_set(-0.00604516501f);
    p = v_fma(p, square, v_set(0.0209613293f));
    p = v_fma(p, square, v_set(-0.0538432635f));
    p = v_fma(p, square, v_set(0.133327186f));
    p = v_fma(p, square, v_set(-0.333333284f));
    vf small = v_fma(v_mul(p, square), x, x);
    return v_pick(v_gt(v_set(0.632f), size), small, large);
}

/* The normal distribution's density and lower tail. With a = |x| the tail is exp(-a^2 / 2) R(a), R a polynomial in
 * (a - 4) / (a + 4); the rounding of a^2 is put right to first order. Below -12.5 the tail is 0.
 * x times it, gelu: 6 ulp. */
V_INLINE vf curve_normal(vf x, vf *density)
{
    const vf one = v_set(1.0f), zero = v_set(0.0f), far = v_set(12.5f);
    vf a = v_abs(x);
    vm beyond = v_gt(a, far);
    a = v_pick(beyond, far, a);
    vf square = v_mul(a, a), rest = v_fma(a, a, v_sub(zero, square)), half = v_set(0.5f);
    vf e = curve_exp(v_mul(v_set(-0.5f), square));
    e = v_fnma(v_mul(half, rest), e, e);
    vf t = v_div(v_sub(a, v_set(4.0f)), v_add(a, v_set(4.0f)));
    vf p = v_set(-7.52396518e-05f);
    p = v_fma(p, t, v_set(-0.000186409539f));
    p = v_fma(p, t, v_set(0.000654961797f));
    p = v_fma(p, t, v_set(0.000512991392f));
    p = v_fma(p, t, v_set(-0.00849463511f));
    p = v_fma(p, t, v_set(0.0308635067f));
    p = v_fma(p, t, v_set(-0.0717072934f));
    p = v_fma(p, t, v_set(0.124379344f));
    p = v_fma(p, t, v_set(-0.170397729f));
    p = v_fma(p, t, v_set(0.094410643f));
    vf tail = v_pick(beyond, zero, v_mul(e, p));
    *density = v_pick(beyond, zero, v_mul(e, v_set(0.398942292f)));
    return v_pick(v_gt(zero, x), tail, v_sub(one, tail));
}

V_INLINE vf curve_gelu(vf x)
{
    vf density;
    return v_mul(x, curve_normal(x, &density));
}
