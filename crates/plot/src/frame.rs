//! What surrounds every chart: title, subtitle, legend, note; and what is left for the chart itself.

use crate::caption::Caption;
use crate::font::{Weight, width};
use crate::label::{clean, fit, wrap};
use crate::palette::{Colour, Palette, Theme};
use crate::scale::Scale;
use crate::scene::{Anchor, Area, Point, Scene, Text};
use crate::size::Size;
use crate::unit::Unit;

/// The size of the letters of axes, legends and values.
pub(crate) const LETTER: f64 = 12.0;
const LINE: f64 = 18.0;

/// How much room the words take.
struct Measures {
    padding: f64,
    title: f64,
    subtitle: f64,
    subtitle_lines: usize,
    gap: f64,
    legend_lines: u8,
}

const ROOMY: Measures = Measures {
    padding: 20.0,
    title: 18.0,
    subtitle: 13.0,
    subtitle_lines: 2,
    gap: 14.0,
    legend_lines: 3,
};
const COMPACT: Measures = Measures {
    padding: 12.0,
    title: 15.0,
    subtitle: 11.0,
    subtitle_lines: 1,
    gap: 8.0,
    legend_lines: 2,
};
/// Pictures that are narrower or lower have smaller words.
const ROOMY_FROM: f64 = 400.0;

/// A picture in the making: `room` is what its chart may fill.
pub(crate) struct Frame {
    pub(crate) scene: Scene,
    pub(crate) room: Area,
    pub(crate) palette: &'static Palette,
    measures: &'static Measures,
}

impl Frame {
    /// A picture with its words. What was left out joins the note.
    pub(crate) fn new(caption: &Caption, size: Size, theme: Theme, left_out: Option<String>) -> Self {
        let palette = Palette::of(theme);
        let scale = size.scale();
        let (width, height) = (f64::from(size.width()) / scale, f64::from(size.height()) / scale);
        let measures = if width.min(height) < ROOMY_FROM {
            &COMPACT
        } else {
            &ROOMY
        };
        let padding = measures.padding;
        let room = Area {
            x: padding,
            y: padding,
            width: width - 2.0 * padding,
            height: height - 2.0 * padding,
        };
        let mut frame = Self {
            scene: Scene {
                title: clean(&caption.title),
                description: clean(&caption.subtitle),
                ground: palette.ground,
                width,
                height,
                marks: Vec::new(),
            },
            room,
            palette,
            measures,
        };
        frame.header(caption);
        let notes: Vec<_> = caption.note.iter().cloned().chain(left_out).collect();
        frame.footer(&notes.join(" · "));
        frame
    }

    fn header(&mut self, caption: &Caption) {
        let Measures {
            title: size,
            subtitle,
            subtitle_lines,
            gap,
            ..
        } = *self.measures;
        let text = fit(&caption.title, self.room.width, size, Weight::Bold);
        let at = Point {
            x: self.room.x,
            y: self.room.y + size - 3.0,
        };
        let (weight, anchor, fill) = (Weight::Bold, Anchor::Start, self.palette.text);
        self.scene.text(Text {
            at,
            text,
            size,
            weight,
            anchor,
            fill,
        });
        self.take_top(size + 4.0);
        for line in wrap(&caption.subtitle, self.room.width, subtitle, subtitle_lines) {
            let at = (self.room.x, self.room.y + subtitle + 1.0);
            self.write(&line, at, Anchor::Start, (subtitle, self.palette.muted));
            self.take_top(subtitle + 5.0);
        }
        self.take_top(gap);
    }

    fn footer(&mut self, note: &str) {
        let lines = wrap(note, self.room.width, 11.0, 2);
        for (nth, line) in lines.iter().rev().enumerate() {
            let at = (self.room.x, self.room.bottom() + 4.0 - nth as f64 * 15.0);
            self.write(line, at, Anchor::Start, (11.0, self.palette.muted));
        }
        if !lines.is_empty() {
            self.room.height = (self.room.height - 8.0 - 15.0 * lines.len() as f64).max(1.0);
        }
    }

    fn write(&mut self, text: &str, (x, y): (f64, f64), anchor: Anchor, (size, fill): (f64, Colour)) {
        let at = Point { x, y };
        self.scene.text(Text {
            at,
            text: text.to_owned(),
            size,
            weight: Weight::Regular,
            anchor,
            fill,
        });
    }

    /// A short text in the size of labels. It must be clean.
    pub(crate) fn label(&mut self, text: &str, at: (f64, f64), anchor: Anchor, fill: Colour) {
        self.write(text, at, anchor, (LETTER, fill));
    }

    /// Leaves `height` of the room's upper end to something else.
    pub(crate) fn take_top(&mut self, height: f64) {
        self.room.y += height;
        self.room.height = (self.room.height - height).max(1.0);
    }

    /// The message that stands where the chart would be.
    pub(crate) fn empty(mut self, message: &str) -> Scene {
        let Area { x, y, width, height } = self.room;
        self.scene.block(self.room, self.palette.track);
        let text = fit(message, width - 20.0, 15.0, Weight::Regular);
        self.write(
            &text,
            (x + width / 2.0, y + height / 2.0 + 5.0),
            Anchor::Middle,
            (15.0, self.palette.muted),
        );
        self.scene
    }

    /// Names with their colours, in as many lines as they need and the picture has room for.
    pub(crate) fn legend(&mut self, entries: &[(String, Colour)]) {
        let (mut x, mut line) = (self.room.x, 0u8);
        for (name, colour) in entries {
            let name = fit(
                name,
                (self.room.width / 2.0 - 28.0).min(200.0),
                LETTER,
                Weight::Regular,
            );
            let wide = 18.0 + width(&name, LETTER, Weight::Regular);
            if x > self.room.x && x + wide > self.room.right() {
                (x, line) = (self.room.x, line + 1);
            }
            if line >= self.measures.legend_lines {
                break;
            }
            let y = self.room.y + f64::from(line) * LINE;
            self.scene.block(
                Area {
                    x,
                    y,
                    width: 11.0,
                    height: 11.0,
                },
                *colour,
            );
            self.label(&name, (x + 17.0, y + 10.0), Anchor::Start, self.palette.muted);
            x += wide + self.measures.padding;
        }
        self.take_top(f64::from((line + 1).min(self.measures.legend_lines)) * LINE + 6.0);
    }

    /// The axis of values at the left, with its lines across the room, which gets narrower.
    pub(crate) fn value_axis(&mut self, greatest: f64, unit: Unit) -> Scale {
        // The uppermost label stands half above its line.
        self.take_top(4.0);
        let scale = Scale::up_to(greatest, unit, (self.room.height / 64.0).clamp(1.0, 8.0));
        let ticks: Vec<_> = scale.ticks().map(|tick| (tick, unit.tick(tick))).collect();
        let widths = ticks
            .iter()
            .map(|(_, label)| width(label, LETTER, Weight::Regular));
        let left = widths.fold(0.0, f64::max) + 10.0;
        self.room.x += left;
        self.room.width = (self.room.width - left).max(1.0);
        for (tick, label) in ticks {
            let y = self.room.bottom() - scale.place(tick) * self.room.height;
            let colour = if tick > 0.0 {
                self.palette.grid
            } else {
                self.palette.axis
            };
            self.scene
                .hairline((self.room.x, y), (self.room.right(), y), colour);
            self.label(
                &label,
                (self.room.x - 8.0, y + 4.0),
                Anchor::End,
                self.palette.muted,
            );
        }
        scale
    }
}
