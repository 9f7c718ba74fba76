"""The eight product families of the simulated seller: code prefix, price range in whole dollars, product names.

Some names hold characters beyond ASCII, all of them in Cp1252, because Amazon's flat files come in that encoding.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    prefix: str
    low: int
    high: int
    nouns: tuple[str, ...]


COLOURS = ("Black", "White", "Navy", "Sage", "Sand", "Crème", "Rosé", "Graphite")

CATEGORIES = (
    Category(
        "audio",
        "AUD",
        18,
        60,
        (
            "Wireless Earbuds Pro™",
            "Over-Ear Headphones",
            "Portable Speaker Mini",
            "Soundbar 2.0 – 60 cm",
            "Clip-On Microphone",
            "Sports Earphones IPX7",
            "Party Speaker 30 W",
            "Vinyl Cleaning Set",
            "Studio Headset",
        ),
    ),
    Category(
        "charging",
        "CHG",
        9,
        40,
        (
            "USB-C Cable 2 m (2×)",
            "GaN Charger 65 W",
            "Power Bank 10 000 mAh",
            "Car Charger Duo",
            "Wireless Pad 15 W",
            "Travel Adapter",
            "Charging Station 4-in-1",
            "Magnetic Cable ½ m",
            "Desk Hub 7-Port",
        ),
    ),
    Category(
        "kitchen",
        "KIT",
        12,
        55,
        (
            "Café Press 1 L",
            "Digital Scale ±1 g",
            "Knife Block Set",
            "Silicone Baking Mat",
            "Milk Frother",
            "Spice Rack – 12 Jars",
            "Bento Box",
            "Cast Iron Pan Ø 26 cm",
            "Salad Spinner",
        ),
    ),
    Category(
        "bedding",
        "BED",
        16,
        60,
        (
            "Cooling Pillow",
            "Weighted Blanket",
            "Linen Sheet Set",
            "Mattress Protector",
            "Duvet Clips (8×)",
            "Travel Pillow",
            "Satin Pillowcase Déjà",
            "Throw Blanket",
            "Bed Wedge",
        ),
    ),
    Category(
        "lighting",
        "LIT",
        10,
        45,
        (
            "LED Strip 5 m",
            "Reading Lamp Lumière",
            "Motion Night Light (3×)",
            "Solar Path Light",
            "Desk Lamp 2700–6500 K",
            "Fairy Lights",
            "Grow Light",
            "Cabinet Light Bar",
            "Sunrise Alarm Lamp",
        ),
    ),
    Category(
        "camping",
        "CMP",
        14,
        65,
        (
            "Ultralight Chair",
            "Headlamp 500 lm",
            "Titanium Mug",
            "Dry Bag 20 L",
            "Folding Table",
            "Hammock Señor",
            "Camp Stove",
            "Sleeping Pad R4.2",
            "Tarp 3 × 4 m",
        ),
    ),
    Category(
        "cycling",
        "CYC",
        11,
        50,
        (
            "Bike Light Set",
            "Phone Mount",
            "Mini Pump 120 psi",
            "Frame Bag",
            "Multi-Tool 16-in-1",
            "Bottle Cage",
            "Gel Saddle Cover",
            "Cycling Gloves",
            "U-Lock Größe M",
        ),
    ),
    Category(
        "wearables",
        "WRB",
        15,
        60,
        (
            "Fitness Band",
            "Watch Strap 22 mm",
            "Sleep Ring Tracker",
            "Heart-Rate Belt",
            "Kids’ Watch",
            "Smart Scale",
            "Posture Clip",
            "Running Belt",
            "Screen Guard (3×)",
        ),
    ),
)
