//! How often each class of values occurs: the sizes of objects, for example.

use crate::caption::Caption;
use crate::font::{Weight, width};
use crate::frame::{Frame, LETTER};
use crate::palette::Theme;
use crate::scale::drawable;
use crate::scene::{Anchor, Area, Scene};
use crate::size::Size;
use crate::unit::Unit;

const MAX_BINS: usize = 500;
const LABELS: f64 = 24.0;

/// Bars of equal width, one for each class, in the order given.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// The words around it.
    pub caption: Caption,
    /// What is measured: the unit of the classes' ends.
    pub measured: Unit,
    /// What the values count.
    pub unit: Unit,
    /// The classes; at most five hundred.
    pub bins: Vec<Bin>,
}

/// A class of values, and how much is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Where the class begins.
    pub from: f64,
    /// Where it ends. Infinity for a class without an end.
    pub to: f64,
    /// How much is in it.
    pub value: f64,
}

impl Histogram {
    pub(crate) fn scene(&self, size: Size, theme: Theme) -> Scene {
        let bins = self.bins.get(..MAX_BINS).unwrap_or(&self.bins);
        let left_out = bins.len() < self.bins.len();
        let left_out = left_out.then(|| format!("{MAX_BINS} of {} classes shown", self.bins.len()));
        let mut frame = Frame::new(&self.caption, size, theme, left_out);
        let Some(greatest) = bins.iter().filter_map(|bin| drawable(bin.value)).reduce(f64::max) else {
            return frame.empty(&self.caption.empty);
        };
        frame.room.height = (frame.room.height - LABELS).max(1.0);
        let scale = frame.value_axis(greatest, self.unit);
        let room = frame.room;
        let pitch = room.width / bins.len() as f64;
        let space = (pitch * 0.12).clamp(0.0, 4.0);
        for (nth, bin) in bins.iter().enumerate() {
            let height = scale.place(drawable(bin.value).unwrap_or(0.0)) * room.height;
            let x = room.x + nth as f64 * pitch + space / 2.0;
            let bar = Area {
                x,
                y: room.bottom() - height,
                width: pitch - space,
                height,
            };
            frame.scene.block(bar, frame.palette.accent);
        }
        self.name_ends(&mut frame, bins, pitch);
        frame.scene
    }

    /// Names the ends of the classes between the bars: each, or as few as have room.
    fn name_ends(&self, frame: &mut Frame, bins: &[Bin], pitch: f64) {
        let ends = bins
            .iter()
            .map(|bin| bin.from)
            .chain(bins.last().map(|bin| bin.to));
        let names = ends.map(|end| drawable(end).map_or("more".to_owned(), |end| self.measured.tick(end)));
        let names: Vec<_> = names
            .map(|name| (width(&name, LETTER, Weight::Regular), name))
            .collect();
        let room = names.iter().map(|(width, _)| *width).fold(0.0, f64::max) + 8.0;
        // Whole classes, so that what is left out is evenly spread.
        let apart = (room / pitch).ceil() * pitch;
        let mut free = f64::NEG_INFINITY;
        for (nth, (wide, name)) in names.iter().enumerate() {
            let tick = frame.room.x + nth as f64 * pitch;
            if tick < free {
                continue;
            }
            let (x, y) = (
                tick.min(frame.scene.width - wide / 2.0 - 4.0),
                frame.room.bottom(),
            );
            frame
                .scene
                .hairline((tick, y), (tick, y + 5.0), frame.palette.axis);
            frame.label(name, (x, y + 18.0), Anchor::Middle, frame.palette.muted);
            free = tick + apart - pitch / 2.0;
        }
    }
}
