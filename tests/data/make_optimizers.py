#!/usr/bin/env python3
"""Writes optimizers.txt: 50 steps of optimisers and learning-rate schedules, computed by PyTorch in double precision.

The problem: n weights w, targets t, and the gradient g_i = 0.05 (i + 1) (w_i - t_i) + 0.1 w_(i+1), indices going round.
For each case: the settings as a recipe names them, the rates of the 50 steps (five epochs of ten), the lengths of the
gradients as they came, and the weights behind the last step.
Made once with PyTorch 1.13; needs no other package:  ./make_optimizers.py > optimizers.txt
"""
import torch
from torch.optim import lr_scheduler as schedule

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
N, STEPS, EPOCH = 24, 50, 10
START, TARGET = (torch.rand(N) * 2 - 1).float().double(), (torch.rand(N) * 4 - 2).float().double()


def f32(x):
    return torch.tensor(x, dtype=torch.float32).double().item()


def run(settings, optimizer, rates=None, clip=None):
    w = START.clone().requires_grad_()
    o = optimizer([w])
    s = rates(o) if rates else None
    used, norms = [], []
    for step in range(STEPS):
        w.grad = (0.05 * torch.arange(1, N + 1) * (w - TARGET) + 0.1 * w.roll(-1)).detach()
        norms.append(w.grad.norm().item())
        if clip:
            torch.nn.utils.clip_grad_norm_([w], clip)
        used.append(o.param_groups[0]["lr"])
        o.step()
        if s:
            s(step)
    print("case", settings)
    put("rates", used)
    put("norms", norms)
    put("weights", w.tolist())


def put(name, values):
    print(name, len(values))
    line = ""
    for v in values:
        word = "%.12g" % v
        if len(line) + len(word) > 110:
            print(line)
            line = ""
        line += (" " if line else "") + word
    print(line)


def each(make):
    """a scheduler that is moved on behind every step"""
    def of(o):
        s = make(o)
        return lambda step: s.step()
    return of


def each_epoch(make):
    def of(o):
        s = make(o)
        return lambda step: s.step() if step % EPOCH == EPOCH - 1 else None
    return of


def warm_then_cosine(o):
    warm = schedule.LambdaLR(o, lambda s: (s + 1) / 8 if s < 8 else 1)
    state = {"cosine": None}

    def move(step):
        if step + 1 < 8:
            warm.step()
            return
        t = step + 1 - 8
        for g in o.param_groups:
            g["lr"] = f32(0.02) * (1 + torch.cos(torch.tensor(torch.pi * t / (STEPS - 8))).item()) / 2
    return move


def main():
    lr, d, m = f32(0.02), f32(0.05), f32(0.9)
    print("# Made by make_optimizers.py with PyTorch %s" % torch.__version__.split("+")[0])
    put("start", START.tolist())
    put("target", TARGET.tolist())
    adam = lambda p: torch.optim.Adam(p, lr=lr)
    run("optimizer=adam lr=0.02", adam)
    run("optimizer=adam lr=0.02 weight-decay=0.05", lambda p: torch.optim.Adam(p, lr=lr, weight_decay=d))
    run("optimizer=adamw lr=0.02", lambda p: torch.optim.AdamW(p, lr=lr))
    run("optimizer=adamw lr=0.02 weight-decay=0.05", lambda p: torch.optim.AdamW(p, lr=lr, weight_decay=d))
    run("optimizer=sgd lr=0.02", lambda p: torch.optim.SGD(p, lr=lr))
    run("optimizer=sgd lr=0.02 weight-decay=0.05", lambda p: torch.optim.SGD(p, lr=lr, weight_decay=d))
    run("optimizer=sgd lr=0.02 momentum=0.9", lambda p: torch.optim.SGD(p, lr=lr, momentum=m))
    run("optimizer=sgd lr=0.02 momentum=0.9 nesterov=yes weight-decay=0.05",
        lambda p: torch.optim.SGD(p, lr=lr, momentum=m, nesterov=True, weight_decay=d))
    run("optimizer=sgd lr=0.02 momentum=0.9 clip=0.5", lambda p: torch.optim.SGD(p, lr=lr, momentum=m), clip=0.5)
    run("optimizer=adam lr=0.02 clip=1", adam, clip=1.0)
    run("optimizer=adam lr=0.02 schedule=cosine min-lr=0.001", adam,
        each(lambda o: schedule.CosineAnnealingLR(o, T_max=STEPS, eta_min=f32(0.001))))
    run("optimizer=adam lr=0.02 schedule=cosine warmup=8", lambda p: torch.optim.Adam(p, lr=lr), warm_then_cosine)
    run("optimizer=sgd lr=0.02 schedule=step step-size=2 gamma=0.5", lambda p: torch.optim.SGD(p, lr=lr),
        each_epoch(lambda o: schedule.StepLR(o, step_size=2, gamma=0.5)))
    run("optimizer=adamw lr=0.02 schedule=linear", lambda p: torch.optim.AdamW(p, lr=lr),
        each(lambda o: schedule.LambdaLR(o, lambda s: 1 - s / STEPS)))


main()
