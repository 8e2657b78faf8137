//! A scene as an SVG document.

use std::fmt::{self, Display, Write};

use crate::font::{self, Weight};
use crate::palette::Colour;
use crate::scene::{Anchor, Area, Mark, Point, Scene, Text};
use crate::size::Size;

/// Texts wider than this are as wide as was measured in whatever font they are shown; shorter ones have space around.
const HELD_WIDTH: f64 = 120.0;

/// The document: scalable, with its title and description for screen readers.
pub(crate) fn write_svg(scene: &Scene, size: Size) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         font-family=\"'Noto Sans',system-ui,sans-serif\">\n\
         <title>{}</title>\n<desc>{}</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        size.width(),
        size.height(),
        Number(scene.width),
        Number(scene.height),
        Escaped(&scene.title),
        Escaped(&scene.description),
        scene.ground,
    );
    for mark in &scene.marks {
        // Writing to a string can't fail.
        let _ = write_mark(&mut svg, mark);
    }
    svg.push_str("</svg>\n");
    svg
}

fn write_mark(svg: &mut String, mark: &Mark) -> fmt::Result {
    match mark {
        Mark::Block {
            area: Area { x, y, width, height },
            fill,
        } => writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>",
            Number(*x),
            Number(*y),
            Number(*width),
            Number(*height),
        ),
        Mark::Line {
            points,
            stroke,
            width,
        } => writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{}\" stroke-linejoin=\"round\"/>",
            Points(points),
            Number(*width),
        ),
        Mark::Surface {
            points,
            fill,
            opacity,
        } => {
            write!(svg, "<polygon points=\"{}\" fill=\"{fill}\"", Points(points))?;
            if *opacity < 1.0 {
                write!(svg, " fill-opacity=\"{}\"", Number(*opacity))?;
            }
            svg.write_str("/>\n")
        }
        Mark::Dot { at, radius, fill } => writeln!(
            svg,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\"/>",
            Number(at.x),
            Number(at.y),
            Number(*radius),
        ),
        Mark::Text(text) => write_text(svg, text),
    }
}

fn write_text(svg: &mut String, text: &Text) -> fmt::Result {
    let Text {
        at,
        text,
        size,
        weight,
        anchor,
        fill,
    } = text;
    write!(
        svg,
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\"",
        Number(at.x),
        Number(at.y),
        Number(*size)
    )?;
    if *weight == Weight::Bold {
        svg.write_str(" font-weight=\"700\"")?;
    }
    let width = font::width(text, *size, *weight);
    if width > HELD_WIDTH {
        write!(
            svg,
            " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
            Number(width)
        )?;
    }
    match anchor {
        Anchor::Start => {}
        Anchor::Middle => svg.write_str(" text-anchor=\"middle\"")?,
        Anchor::End => svg.write_str(" text-anchor=\"end\"")?,
    }
    // Spaces of a name are part of it.
    writeln!(
        svg,
        " fill=\"{fill}\" xml:space=\"preserve\">{}</text>",
        Escaped(text)
    )
}

impl Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// A length: a tenth of a pixel is more than anybody sees.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding zero makes a negative zero positive.
        write!(f, "{}", (self.0 * 10.0).round() / 10.0 + 0.0)
    }
}

struct Points<'a>(&'a [Point]);

impl Display for Points<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, point) in self.0.iter().enumerate() {
            let gap = if nth == 0 { "" } else { " " };
            write!(f, "{gap}{},{}", Number(point.x), Number(point.y))?;
        }
        Ok(())
    }
}

/// Text as XML text. Control characters were escaped when it was cleaned.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
