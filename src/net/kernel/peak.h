/* The rate of fused multiply-adds that never leave the registers, part of body.h: what products are measured against.
 * PEAK_SUMS sums side by side are more than two units with a latency of four or five cycles can keep busy. */
#define PEAK_SUMS 12
#define PEAK_TURNS 64

static double kernel_peak(long rounds)
{
    volatile float factor = 0.999f; /* so that nothing is worked out beforehand */
    vf sum[PEAK_SUMS];
    const vf a = v_set(factor), b = v_set(1.0f - factor);
    for (int i = 0; i < PEAK_SUMS; i++)
        sum[i] = v_set((float)i);
    for (long round = 0; round < rounds; round++)
        for (int turn = 0; turn < PEAK_TURNS; turn++) {
            UNROLL
            for (int i = 0; i < PEAK_SUMS; i++)
                sum[i] = v_fma(sum[i], a, b);
        }
    for (int i = 1; i < PEAK_SUMS; i++)
        sum[0] = v_add(sum[0], sum[i]);
    float lane[VW];
    v_store(lane, sum[0]);
    if (!(lane[0] >= 0.0f)) /* never; but the sums must be made to know it */
        return 0;
    return 2.0 * VW * PEAK_SUMS * PEAK_TURNS * (double)rounds;
}
