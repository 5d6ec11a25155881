#include "chain/words.h"

/* The order is part of what people read aloud to each other: never change it. */
const char *const words_list[WORDS_N] = {
    "acorn", "actor", "agent", "album", "alley", "amber", "anchor", "angle", "ankle", "apple", "apron", "arrow",
    "aspen", "atlas", "attic", "autumn", "badge", "baker", "bamboo", "banjo", "barley", "barrel", "basin", "basket",
    "beacon", "beaver", "bell", "bench", "berry", "birch", "biscuit", "blanket", "blossom", "bonnet", "border",
    "bottle", "boulder", "bracket", "branch", "brass", "bread", "breeze", "brick", "bridge", "bronze", "brush",
    "bucket", "button", "cabin", "cable", "cactus", "camel", "candle", "canoe", "canyon", "carbon", "carpet",
    "carrot", "castle", "cellar", "chalk", "cherry", "chess", "chimney", "circle", "citrus", "clay", "cliff", "cloak",
    "clock", "cloud", "clover", "cobalt", "coffee", "comet", "copper", "coral", "cotton", "cradle", "crane", "crayon",
    "cricket", "crystal", "curtain", "cypress", "daisy", "dance", "delta", "denim", "desert", "diamond", "dinner",
    "dolphin", "domino", "donkey", "dragon", "drum", "eagle", "easel", "echo", "elbow", "ember", "engine", "falcon",
    "feather", "fender", "fern", "ferry", "fiddle", "field", "finch", "flag", "flame", "flute", "forest", "fossil",
    "fountain", "fox", "galaxy", "garden", "garlic", "gate", "ginger", "glacier", "globe", "goat", "gold", "goose",
    "granite", "grape", "gravel", "guitar", "hammer", "harbor", "harvest", "hazel", "helmet", "heron", "hinge",
    "honey", "horizon", "horse", "island", "ivory", "ivy", "jacket", "jaguar", "jasmine", "jelly", "jewel", "jungle",
    "juniper", "kayak", "kettle", "kitten", "ladder", "lake", "lantern", "laurel", "lemon", "lily", "linen", "lion",
    "lizard", "lobster", "lotus", "magnet", "mango", "maple", "marble", "market", "meadow", "melon", "mirror",
    "mitten", "monkey", "mosaic", "mountain", "mushroom", "napkin", "nectar", "needle", "nickel", "noodle", "oak",
    "oasis", "ocean", "olive", "onion", "orange", "orbit", "orchid", "otter", "oyster", "paddle", "palm", "panda",
    "paper", "parrot", "pasta", "peach", "pebble", "pencil", "pepper", "piano", "pigeon", "pillow", "pilot", "planet",
    "plum", "pocket", "pond", "poppy", "potato", "prairie", "pumpkin", "puzzle", "quartz", "rabbit", "radish",
    "ranch", "raven", "ribbon", "river", "robin", "rocket", "saddle", "salmon", "sandal", "satin", "shadow", "shell",
    "silver", "spider", "spoon", "squirrel", "stable", "summer", "sunset", "swan", "tablet", "temple", "thistle",
    "thunder", "tiger", "timber", "tulip", "tunnel", "turtle", "valley", "velvet", "violet", "walnut", "willow",
    "window", "winter",
};
