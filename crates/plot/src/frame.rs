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
const PADDING: f64 = 20.0;

/// A picture in the making: `room` is what its chart may fill.
pub(crate) struct Frame {
    pub(crate) scene: Scene,
    pub(crate) room: Area,
    pub(crate) palette: &'static Palette,
}

impl Frame {
    /// A picture with its words. What was left out joins the note.
    pub(crate) fn new(caption: &Caption, size: Size, theme: Theme, left_out: Option<String>) -> Self {
        let palette = Palette::of(theme);
        let scale = size.scale();
        let (width, height) = (f64::from(size.width()) / scale, f64::from(size.height()) / scale);
        let subtitle = clean(&caption.subtitle);
        let mut frame = Self {
            scene: Scene {
                title: clean(&caption.title),
                description: subtitle,
                ground: palette.ground,
                width,
                height,
                marks: Vec::new(),
            },
            room: Area {
                x: PADDING,
                y: PADDING,
                width: width - 2.0 * PADDING,
                height: height - 2.0 * PADDING,
            },
            palette,
        };
        frame.header(caption);
        let notes: Vec<_> = caption.note.iter().cloned().chain(left_out).collect();
        frame.footer(&notes.join(" · "));
        frame
    }

    fn header(&mut self, caption: &Caption) {
        let title = fit(&caption.title, self.room.width, 18.0, Weight::Bold);
        let at = Point {
            x: self.room.x,
            y: self.room.y + 15.0,
        };
        let (weight, anchor, fill) = (Weight::Bold, Anchor::Start, self.palette.text);
        self.scene.text(Text {
            at,
            text: title,
            size: 18.0,
            weight,
            anchor,
            fill,
        });
        self.take_top(22.0);
        for line in wrap(&caption.subtitle, self.room.width, 13.0, 2) {
            let at = (self.room.x, self.room.y + 14.0);
            self.write(&line, at, Anchor::Start, 13.0, self.palette.muted);
            self.take_top(LINE);
        }
        self.take_top(14.0);
    }

    fn footer(&mut self, note: &str) {
        let lines = wrap(note, self.room.width, 11.0, 2);
        for (nth, line) in lines.iter().rev().enumerate() {
            let at = (self.room.x, self.room.bottom() + 4.0 - nth as f64 * 15.0);
            self.write(line, at, Anchor::Start, 11.0, self.palette.muted);
        }
        if !lines.is_empty() {
            self.room.height = (self.room.height - 8.0 - 15.0 * lines.len() as f64).max(1.0);
        }
    }

    fn write(&mut self, text: &str, (x, y): (f64, f64), anchor: Anchor, size: f64, fill: Colour) {
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
        self.write(text, at, anchor, LETTER, fill);
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
            15.0,
            self.palette.muted,
        );
        self.scene
    }

    /// Names with their colours, in as many lines as they need, but no more than three.
    pub(crate) fn legend(&mut self, entries: &[(String, Colour)]) {
        let (mut x, mut line) = (self.room.x, 0u8);
        for (name, colour) in entries {
            let name = fit(name, (self.room.width - 18.0).min(200.0), LETTER, Weight::Regular);
            let wide = 18.0 + width(&name, LETTER, Weight::Regular);
            if x > self.room.x && x + wide > self.room.right() {
                (x, line) = (self.room.x, line + 1);
            }
            if line > 2 {
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
            x += wide + 20.0;
        }
        self.take_top(f64::from(line.min(2) + 1) * LINE + 8.0);
    }

    /// The axis of values at the left, with its lines across the room, which gets narrower.
    pub(crate) fn value_axis(&mut self, greatest: f64, unit: Unit) -> Scale {
        // The uppermost label stands half above its line.
        self.take_top(4.0);
        let scale = Scale::up_to(greatest, unit, (self.room.height / 64.0).clamp(2.0, 8.0));
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
