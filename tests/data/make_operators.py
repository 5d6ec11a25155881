#!/usr/bin/env python3
"""Writes operators.txt: values and gradients of small networks, computed by PyTorch in double precision.

For each case: the architecture, its weights in the order of its nodes and their tensors, one input batch, the output, a
gradient of the output, and the gradients of the weights. The chains below name their nodes in canonical order.
Made once with PyTorch 1.13; needs no other package:  ./make_operators.py > operators.txt
"""
import math
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
BATCH = 2
CURVES = {"none": lambda x: x, "relu": torch.relu, "gelu": F.gelu, "silu": F.silu, "tanh": torch.tanh,
          "sigmoid": torch.sigmoid}


def draw(*shape):
    return (torch.rand(*shape) - 0.5).requires_grad_()


class Case:
    def __init__(self, name, arch, time, channels, run):
        """run(case, x) gives the output and calls case.take for each tensor, in the order of the layout"""
        self.name, self.arch, self.time, self.channels, self.run = name, arch, time, channels, run
        self.weights = []

    def take(self, *shape):
        w = draw(*shape)
        self.weights.append(w)
        return w

    def write(self):
        x = torch.rand(BATCH, self.time, self.channels) * 2 - 1
        y = self.run(self, x)
        d = torch.rand_like(y) * 2 - 1
        y.backward(d)
        print("case", self.name)
        print("morphsmith-arch 1\nx input time=%d channels=%d\n%s\nend" % (self.time, self.channels, self.arch))
        flat = [w.detach().flatten() for w in self.weights]
        gradients = [w.grad.flatten() for w in self.weights]
        put("weights", torch.cat(flat))
        put("input", x.flatten())
        put("output", y.detach().flatten())
        put("d_output", d.flatten())
        put("gradients", torch.cat(gradients))


def put(name, values):
    print(name, len(values))
    line = ""
    for v in values.tolist():
        word = "%.9g" % v
        if len(line) + len(word) > 110:
            print(line)
            line = ""
        line += (" " if line else "") + word
    print(line)


def dense(c, x, units, act="none", bias=True):
    w = c.take(x.shape[-1], units)
    return CURVES[act](x @ w + (c.take(1, units)[0] if bias else 0))


def conv(c, x, channels, kernel, dilation=1, act="none", groups=1):
    inner = x.shape[-1] // groups
    w = c.take(kernel * inner, channels)  # row = tap * channels in + channel
    b = c.take(1, channels)
    core = w.reshape(kernel, inner, channels).permute(2, 1, 0)
    y = F.conv1d(F.pad(x.transpose(1, 2), ((kernel - 1) * dilation, 0)), core, b[0], dilation=dilation, groups=groups)
    return CURVES[act](y.transpose(1, 2))


def recurrent(c, x, kind, units):
    gates = 4 if kind == "lstm" else 3
    cell = (nn.LSTM if kind == "lstm" else nn.GRU)(x.shape[-1], units, batch_first=True)
    w, r, b = c.take(x.shape[-1], gates * units), c.take(units, gates * units), c.take(1, gates * units)
    past = torch.zeros(gates * units)  # PyTorch has a second bias; only the new gate's of a gru is more than a sum
    if kind == "gru":
        past = torch.cat([torch.zeros(2 * units), c.take(1, units)[0]])
    state = [torch.zeros(1, len(x), units)] * 2
    args = (x, state if kind == "lstm" else state[0], [w.T, r.T, b[0], past], True, 1, 0.0, False, False, True)
    return (torch._VF.lstm if kind == "lstm" else torch._VF.gru)(*args)[0]


def attention(c, x, heads, head, causal, scale=None):
    wide, n = heads * head, x.shape[-1]
    wq, wk, wv, wo = c.take(n, wide), c.take(n, wide), c.take(n, wide), c.take(wide, n)
    bq, bv, bo = c.take(1, wide)[0], c.take(1, wide)[0], c.take(1, n)[0]
    bk = torch.rand(wide)  # a bias of the keys changes nothing: ours has none
    split = lambda v: v.view(len(x), -1, heads, head).transpose(1, 2)
    q, k, v = split(x @ wq + bq), split(x @ wk + bk), split(x @ wv + bv)
    s = q @ k.transpose(-1, -2) * (head ** -0.5 if scale is None else scale)
    if causal:
        s = s + torch.full(s.shape[-2:], -math.inf).triu(1)
    o = (torch.softmax(s, -1) @ v).transpose(1, 2).reshape(len(x), -1, wide)
    if scale is None:  # the library's own layer gives the same
        mask = torch.ones(s.shape[-2:], dtype=torch.bool).triu(1) if causal else None
        own = F.multi_head_attention_forward(
            (x @ wq).transpose(0, 1), (x @ wk).transpose(0, 1), (x @ wv).transpose(0, 1), wide, heads, None,
            torch.cat([bq, bk, bv]), None, None, False, 0.0, torch.eye(wide), torch.zeros(wide), attn_mask=mask,
            use_separate_proj_weight=True, q_proj_weight=torch.eye(wide), k_proj_weight=torch.eye(wide),
            v_proj_weight=torch.eye(wide))[0].transpose(0, 1)
        assert torch.allclose(own, o), "the library's attention differs"
    return o @ wo + bo


def layernorm(c, x, eps=1e-5):
    g = c.take(1, x.shape[-1])
    return F.layer_norm(x, x.shape[-1:], g[0], c.take(1, x.shape[-1])[0], eps)


def rmsnorm(c, x, eps=1e-5, divisor=None):
    square = (x * x).sum(-1, keepdim=True) / (divisor or x.shape[-1])
    return x / torch.sqrt(square + eps) * c.take(1, x.shape[-1])[0]


def gate(c, x, kind):
    a = c.take(1, 1)
    return (1 - a) * x + a * CURVES[kind](x)


def timecode(x):
    age = torch.arange(x.shape[1] - 1, -1, -1.0)
    turns = torch.cat([torch.stack([torch.sin(2 * math.pi * age / p), torch.cos(2 * math.pi * age / p)], 1)
                       for p in (8, 32, 128, 512)], 1)
    return torch.cat([x, turns.expand(len(x), -1, -1)], 2)


def tail(c, x, pool="mean"):
    x = {"mean": lambda: x.mean(1), "last": lambda: x[:, -1], "max": lambda: x.max(1)[0]}[pool]()
    return dense(c, x, 2)


TAIL = "\nm meanpool in=n\ny dense in=m units=2"
CASES = [
    Case("%s %s" % (op, act), "n %s in=x %s act=%s%s" % (op, words, act, TAIL), 5, 3,
         lambda c, x, run=run, act=act: tail(c, run(c, x, act)))
    for op, words, run in [
        ("dense", "units=4", lambda c, x, act: dense(c, x, 4, act)),
        ("conv", "channels=4 kernel=3 dilation=2", lambda c, x, act: conv(c, x, 4, 3, 2, act)),
        ("dwconv", "kernel=2 dilation=2", lambda c, x, act: conv(c, x, 3, 2, 2, act, 3))]
    for act in CURVES
] + [
    Case("lstm", "n lstm in=x units=4" + TAIL, 5, 3, lambda c, x: tail(c, recurrent(c, x, "lstm", 4))),
    Case("gru", "n gru in=x units=4" + TAIL, 5, 3, lambda c, x: tail(c, recurrent(c, x, "gru", 4))),
    Case("attention", "n attention in=x heads=2 head=3" + TAIL, 5, 3, lambda c, x: tail(c, attention(c, x, 2, 3, True))),
    Case("attention over all", "n attention in=x heads=3 head=2 causal=0 scale=1.5" + TAIL, 5, 3,
         lambda c, x: tail(c, attention(c, x, 3, 2, False, 1.5))),
    Case("attention of the library", "n attention in=x heads=2 head=4 causal=0" + TAIL, 6, 5,
         lambda c, x: tail(c, attention(c, x, 2, 4, False))),
    Case("layernorm", "d dense in=x units=6\nn layernorm in=d" + TAIL, 4, 3,
         lambda c, x: tail(c, layernorm(c, dense(c, x, 6)))),
    Case("layernorm eps", "d dense in=x units=6\nn layernorm in=d eps=0.1" + TAIL, 4, 3,
         lambda c, x: tail(c, layernorm(c, dense(c, x, 6), 0.1))),
    Case("rmsnorm", "d dense in=x units=6\nn rmsnorm in=d" + TAIL, 4, 3, lambda c, x: tail(c, rmsnorm(c, dense(c, x, 6)))),
    Case("rmsnorm divisor", "d dense in=x units=6\nn rmsnorm in=d divisor=4 eps=0.01" + TAIL, 4, 3,
         lambda c, x: tail(c, rmsnorm(c, dense(c, x, 6), 0.01, 4))),
    Case("scale", "d dense in=x units=4\nn scale in=d init=1" + TAIL, 4, 3,
         lambda c, x: tail(c, dense(c, x, 4) * c.take(1, 1))),
    Case("multiply", "d dense in=x units=4\ne dense in=d units=4\nn multiply in=d,e,d" + TAIL, 4, 3,
         lambda c, x: tail(c, (lambda d: d * dense(c, d, 4) * d)(dense(c, x, 4)))),
    Case("concat", "d dense in=x units=4\ne dense in=d units=2\nn concat in=d,e" + TAIL, 4, 3,
         lambda c, x: tail(c, (lambda d: torch.cat([d, dense(c, d, 2)], 2))(dense(c, x, 4)))),
    Case("add", "d dense in=x units=4\ne dense in=d units=4\nn add in=d,e" + TAIL, 4, 3,
         lambda c, x: tail(c, (lambda d: d + dense(c, d, 4))(dense(c, x, 4)))),
    Case("last", "d dense in=x units=4\nl last in=d\ny dense in=l units=2", 4, 3,
         lambda c, x: tail(c, dense(c, x, 4), "last")),
    Case("maxpool", "d dense in=x units=4\nl maxpool in=d\ny dense in=l units=2", 4, 3,
         lambda c, x: tail(c, dense(c, x, 4), "max")),
    Case("flatten", "d dense in=x units=4\nl flatten in=d\ny dense in=l units=2", 4, 3,
         lambda c, x: dense(c, dense(c, x, 4).flatten(1), 2)),
    Case("timecode", "t timecode in=x\nn dense in=t units=3" + TAIL, 7, 3, lambda c, x: tail(c, dense(c, timecode(x), 3))),
    Case("dropout at rest", "d dense in=x units=4\nn dropout in=d rate=0.5" + TAIL, 4, 3,
         lambda c, x: tail(c, F.dropout(dense(c, x, 4), 0.5, False))),
] + [
    Case("%s %s" % (op, kind), "d dense in=x units=4\nn %s in=d kind=%s%s" % (op, kind, TAIL), 4, 3,
         lambda c, x, op=op, kind=kind: tail(c, gate(c, dense(c, x, 4), kind) if op == "gate"
                                             else CURVES[kind](dense(c, x, 4))))
    for op in ("act", "gate") for kind in CURVES
]


def encoder_block(c, x):
    e = dense(c, timecode(x), 6)
    r = layernorm(c, e + attention(c, e, 2, 3, False))
    s = dense(c, dense(c, r, 8, "relu"), 6)
    return tail(c, layernorm(c, r + s))


CASES.append(Case("encoder block", "t timecode in=x\ne dense in=t units=6\na attention in=e heads=2 head=3 causal=0\n"
                  "b add in=e,a\nr layernorm in=b\nf dense in=r units=8 act=relu\ng dense in=f units=6\nh add in=r,g\n"
                  "n layernorm in=h" + TAIL, 6, 3, encoder_block))

if __name__ == "__main__":
    torch.manual_seed(20)
    print("# Made by make_operators.py with PyTorch", torch.__version__.split("a")[0])
    for case in CASES:
        case.write()
