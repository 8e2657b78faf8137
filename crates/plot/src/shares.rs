//! The parts of a whole.

use crate::caption::Caption;
use crate::font::{Weight, width};
use crate::frame::{Frame, LETTER};
use crate::label::fit;
use crate::palette::{Ink, Theme};
use crate::scale::drawable;
use crate::scene::{Anchor, Area, Scene};
use crate::size::Size;
use crate::unit::Unit;

const BAR: f64 = 48.0;
const ROW: f64 = 32.0;
/// As many as there are colours that can be told apart.
const MAX_PARTS: usize = 7;

/// One bar in which each part has its share, and the parts' values below.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareChart {
    /// The words around it.
    pub caption: Caption,
    /// What the values count.
    pub unit: Unit,
    /// The parts; what is behind the seventh is summed up as "other".
    pub parts: Vec<Share>,
}

/// A part of a whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Share {
    /// What it is.
    pub label: String,
    /// How much it is.
    pub value: f64,
    /// Its colour.
    pub ink: Ink,
}

impl ShareChart {
    pub(crate) fn scene(&self, size: Size, theme: Theme) -> Scene {
        let mut frame = Frame::new(&self.caption, size, theme, None);
        let parts = self.summed_up();
        let total: f64 = parts.iter().map(|part| part.value).sum();
        if total <= 0.0 {
            return frame.empty(&self.caption.empty);
        }
        let (room, palette) = (frame.room, frame.palette);
        let bar = BAR.min(room.height / 3.0);
        let mut x = room.x;
        for (nth, part) in parts.iter().enumerate() {
            let wide = part.value / total * room.width;
            let space = if wide > 3.0 { 1.0 } else { 0.0 };
            let area = Area {
                x,
                y: room.y,
                width: wide - space,
                height: bar,
            };
            frame.scene.block(area, palette.ink(part.ink, nth));
            x += wide;
        }
        frame.take_top(bar + 20.0);
        let pitch = (frame.room.height / parts.len() as f64).min(ROW);
        for (nth, part) in parts.iter().enumerate() {
            let y = frame.room.y + nth as f64 * pitch;
            frame.scene.block(
                Area {
                    x: room.x,
                    y,
                    width: 11.0,
                    height: 11.0,
                },
                palette.ink(part.ink, nth),
            );
            let percent = Unit::Percent.show(part.value / total * 100.0);
            let value = self.unit.show(part.value);
            frame.label(&percent, (room.right(), y + 10.0), Anchor::End, palette.text);
            frame.label(
                &value,
                (room.right() - 70.0, y + 10.0),
                Anchor::End,
                palette.muted,
            );
            let left = room.right() - 80.0 - width(&value, LETTER, Weight::Regular) - room.x - 20.0;
            let name = fit(&part.label, left, LETTER, Weight::Regular);
            frame.label(&name, (room.x + 20.0, y + 10.0), Anchor::Start, palette.text);
        }
        frame.scene
    }

    /// The parts that have a value, few enough to be told apart.
    fn summed_up(&self) -> Vec<Share> {
        let known = self.parts.iter().filter_map(|part| {
            Some(Share {
                value: drawable(part.value)?,
                ..part.clone()
            })
        });
        let mut parts: Vec<Share> = known.collect();
        if parts.len() > MAX_PARTS + 1 {
            let others = parts.split_off(MAX_PARTS);
            let value = others.iter().map(|part| part.value).sum();
            parts.push(Share {
                label: format!("other ({})", others.len()),
                value,
                ink: Ink::Other,
            });
        }
        parts
    }
}
