//! A scene as pixels.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};
use ttf_parser::OutlineBuilder;

use crate::chart::PlotError;
use crate::font::{glyphs, unit, width};
use crate::palette::Colour;
use crate::scene::{Anchor, Area, Mark, Point, Scene, Text};
use crate::size::Size;

/// The picture as the bytes of a PNG file.
pub(crate) fn rasterise(scene: &Scene, size: Size) -> Result<Vec<u8>, PlotError> {
    let (width, height) = (size.width(), size.height());
    let pixels = Pixmap::new(width.into(), height.into()).ok_or(PlotError::NoRoom { width, height })?;
    let scale = single(size.scale());
    let mut canvas = Canvas {
        pixels,
        to_pixels: Transform::from_scale(scale, scale),
    };
    canvas.pixels.fill(Color::from_rgba8(
        scene.ground.red,
        scene.ground.green,
        scene.ground.blue,
        255,
    ));
    for mark in &scene.marks {
        canvas.draw(mark);
    }
    canvas
        .pixels
        .encode_png()
        .map_err(|error| PlotError::Encode(error.into()))
}

struct Canvas {
    pixels: Pixmap,
    to_pixels: Transform,
}

#[expect(clippy::cast_possible_truncation, reason = "places in a picture are small")]
fn single(length: f64) -> f32 {
    length as f32
}

fn paint(colour: Colour, opacity: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(colour.red, colour.green, colour.blue, 255);
    if let tiny_skia::Shader::SolidColor(color) = &mut paint.shader {
        color.set_alpha(single(opacity));
    }
    paint
}

impl Canvas {
    /// Draws a mark. What has no extent, a line to its own beginning for example, leaves no trace.
    fn draw(&mut self, mark: &Mark) {
        match mark {
            Mark::Block { area, fill } => self.block(*area, *fill),
            Mark::Line {
                points,
                stroke,
                width,
            } => self.line(points, *stroke, *width),
            Mark::Surface {
                points,
                fill,
                opacity,
            } => {
                if let Some(path) = path_through(points, true) {
                    self.fill(&path, *fill, *opacity);
                }
            }
            Mark::Dot { at, radius, fill } => {
                if let Some(path) = PathBuilder::from_circle(single(at.x), single(at.y), single(*radius)) {
                    self.fill(&path, *fill, 1.0);
                }
            }
            Mark::Text(text) => self.text(text),
        }
    }

    fn fill(&mut self, path: &Path, colour: Colour, opacity: f64) {
        self.pixels.fill_path(
            path,
            &paint(colour, opacity),
            FillRule::Winding,
            self.to_pixels,
            None,
        );
    }

    fn block(&mut self, area: Area, colour: Colour) {
        let Area { x, y, width, height } = area;
        if let Some(rect) = Rect::from_xywh(single(x), single(y), single(width), single(height)) {
            self.pixels
                .fill_rect(rect, &paint(colour, 1.0), self.to_pixels, None);
        }
    }

    fn line(&mut self, points: &[Point], colour: Colour, width: f64) {
        let Some(path) = path_through(points, false) else {
            return;
        };
        let stroke = Stroke {
            width: single(width),
            line_cap: LineCap::Butt,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        self.pixels
            .stroke_path(&path, &paint(colour, 1.0), &stroke, self.to_pixels, None);
    }

    fn text(&mut self, text: &Text) {
        let Text { at, size, weight, .. } = text;
        let width = width(&text.text, *size, *weight);
        let start = match text.anchor {
            Anchor::Start => at.x,
            Anchor::Middle => at.x - width / 2.0,
            Anchor::End => at.x - width,
        };
        let mut outlines = Outlines {
            path: PathBuilder::new(),
            unit: single(unit(*size, *weight)),
            x: 0.0,
            y: single(at.y),
        };
        for glyph in glyphs(&text.text, *size, *weight) {
            outlines.x = single(start + glyph.offset);
            if glyph.outline(*weight, &mut outlines).is_none() {
                outlines.empty_box(single(glyph.advance), single(*size));
            }
        }
        if let Some(path) = outlines.path.finish() {
            self.fill(&path, text.fill, 1.0);
        }
    }
}

fn path_through(points: &[Point], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    path.move_to(single(first.x), single(first.y));
    for point in rest {
        path.line_to(single(point.x), single(point.y));
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// Puts the shapes of letters, whose places count upwards, into a path.
struct Outlines {
    path: PathBuilder,
    unit: f32,
    x: f32,
    y: f32,
}

impl Outlines {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.unit, self.y - y * self.unit)
    }

    /// What stands for a letter that the font lacks.
    fn empty_box(&mut self, advance: f32, size: f32) {
        let (left, right) = (self.x + advance * 0.12, self.x + advance * 0.88);
        let (top, bottom) = (self.y - size * 0.72, self.y);
        let thick = size * 0.07;
        for (left, top, right, bottom) in [
            (left, top, right, top + thick),
            (left, bottom - thick, right, bottom),
            (left, top, left + thick, bottom),
            (right - thick, top, right, bottom),
        ] {
            if let Some(side) = Rect::from_ltrb(left, top, right, bottom) {
                self.path.push_rect(side);
            }
        }
    }
}

impl OutlineBuilder for Outlines {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
