//! The letters: Noto Sans, regular and bold.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// The fonts are part of the program; a test sees to it that they can be read. Without them text has no pixels.
static REGULAR: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(notosans::REGULAR_TTF, 0).ok());
static BOLD: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(notosans::BOLD_TTF, 0).ok());

fn face(weight: Weight) -> Option<&'static Face<'static>> {
    match weight {
        Weight::Regular => REGULAR.as_ref(),
        Weight::Bold => BOLD.as_ref(),
    }
}

/// The width of a letter as part of the letter size.
fn advance(letter: char, weight: Weight) -> f64 {
    let known = face(weight).and_then(|face| {
        let glyph = face.glyph_index(letter)?;
        let units = face.glyph_hor_advance(glyph)?;
        Some(f64::from(units) / f64::from(face.units_per_em()))
    });
    // The letters that the font lacks are mostly as wide as high: Chinese, Japanese, Korean, pictograms.
    known.unwrap_or(1.0)
}

/// How wide a text is.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    text.chars().map(|letter| advance(letter, weight)).sum::<f64>() * size
}

/// A letter of a text that is drawn: where it begins, and its shape when the font has one.
pub(crate) struct Glyph {
    pub(crate) offset: f64,
    pub(crate) advance: f64,
    id: Option<GlyphId>,
}

/// The letters of a text, from left to right.
pub(crate) fn glyphs(text: &str, size: f64, weight: Weight) -> impl Iterator<Item = Glyph> {
    text.chars().scan(0.0, move |pen, letter| {
        let advance = advance(letter, weight) * size;
        let offset = *pen;
        *pen += advance;
        let id = face(weight).and_then(|face| face.glyph_index(letter));
        Some(Glyph { offset, advance, id })
    })
}

impl Glyph {
    /// Draws the shape, in units of the font. `None` when the font lacks the letter.
    pub(crate) fn outline(&self, weight: Weight, builder: &mut impl OutlineBuilder) -> Option<()> {
        let face = face(weight)?;
        // A space has no shape, but isn't missing.
        face.outline_glyph(self.id?, builder);
        Some(())
    }
}

/// How many pixels a unit of the font is.
pub(crate) fn unit(size: f64, weight: Weight) -> f64 {
    face(weight).map_or(0.0, |face| size / f64::from(face.units_per_em()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_are_there() {
        assert!(face(Weight::Regular).is_some() && face(Weight::Bold).is_some());
    }

    #[test]
    fn figures_are_equally_wide() {
        let widths = ('0'..='9').map(|figure| advance(figure, Weight::Regular));
        let mut widths: Vec<_> = widths.collect();
        widths.dedup();
        assert_eq!(widths.len(), 1, "{widths:?}");
    }
}
