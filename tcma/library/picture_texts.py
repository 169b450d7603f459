"""What stands on a copy's pictures, and whether it fits; without drawing."""

from tcma.library.ingredients import Ingredients
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.images import SlotFit, check_fit, load_recipe
from tcma.rendering.source import ImageSource


def texts_of(made_of: Ingredients, image: ImageSource) -> dict[str, str]:
    """Return what stands on a picture: the author's words, names filled, the partner's own
    where a slot has a text's name, as the button's has.
    """
    names = {
        "{partner}": made_of.partner.short_name or made_of.partner.name,
        "{vendor}": made_of.vendor.name,
        "{product}": made_of.source.product,
    }
    words = made_of.source.words[made_of.language]["images"]
    texts = {slot: text for slot, text in words.items() if isinstance(text, str)}
    texts |= image.texts[made_of.language]
    own = {slot: made_of.slots.get(slot) for slot in texts}
    texts |= {slot: text for slot, text in own.items() if isinstance(text, str) and text}
    for slot, text in texts.items():
        for brace, name in names.items():
            text = text.replace(brace, name)  # noqa: PLW2901 - one text, name by name
        texts[slot] = text
    return texts


def picture_fits(made_of: Ingredients) -> dict[str, tuple[SlotFit, ...]]:
    """Return, picture by picture, how its texts fit."""
    return {
        image.name: check_fit(
            load_recipe(made_of.source.files[image.recipe].decode(), name=image.recipe),
            texts=texts_of(made_of, image),
            language=made_of.language,
            fonts=BUILT_FONTS,
        )
        for image in made_of.source.images
    }
