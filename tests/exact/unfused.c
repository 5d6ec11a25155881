/* Loaded before the C library: a machine whose fused multiply-add rounds twice. What it computes is no error to any
 * program, but not the bits of others: it must not attest. For the portable kernels. */
float fmaf(float a, float b, float c);

float fmaf(float a, float b, float c)
{
    float product = a * b;
    return product + c;
}
