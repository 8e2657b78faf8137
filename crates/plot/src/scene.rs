//! What a picture consists of, whichever way it is written.

use crate::font::Weight;
use crate::palette::Colour;

/// A picture: shapes and texts in the order in which they are drawn.
pub(crate) struct Scene {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) ground: Colour,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) marks: Vec<Mark>,
}

/// A part of a picture. Places count from the upper left corner.
pub(crate) enum Mark {
    Block {
        area: Area,
        fill: Colour,
    },
    Line {
        points: Vec<Point>,
        stroke: Colour,
        width: f64,
    },
    Surface {
        points: Vec<Point>,
        fill: Colour,
        opacity: f64,
    },
    Dot {
        at: Point,
        radius: f64,
        fill: Colour,
    },
    Text(Text),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A line of text; `at` is on its baseline.
pub(crate) struct Text {
    pub(crate) at: Point,
    pub(crate) text: String,
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) anchor: Anchor,
    pub(crate) fill: Colour,
}

/// Which part of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Area {
    pub(crate) fn right(self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(self) -> f64 {
        self.y + self.height
    }
}

impl Scene {
    pub(crate) fn block(&mut self, area: Area, fill: Colour) {
        if area.width > 0.0 && area.height > 0.0 {
            self.marks.push(Mark::Block { area, fill });
        }
    }

    /// A straight line of one pixel, put on the pixels rather than between them.
    pub(crate) fn hairline(&mut self, from: (f64, f64), to: (f64, f64), stroke: Colour) {
        let on_pixel = |(x, y): (f64, f64)| Point {
            x: x.floor() + 0.5,
            y: y.floor() + 0.5,
        };
        self.marks.push(Mark::Line {
            points: vec![on_pixel(from), on_pixel(to)],
            stroke,
            width: 1.0,
        });
    }

    pub(crate) fn text(&mut self, text: Text) {
        if !text.text.is_empty() {
            self.marks.push(Mark::Text(text));
        }
    }
}
