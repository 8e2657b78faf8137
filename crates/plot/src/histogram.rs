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

    /// Names the ends of the classes between the bars, as many as have room.
    fn name_ends(&self, frame: &mut Frame, bins: &[Bin], pitch: f64) {
        let ends = bins
            .iter()
            .map(|bin| bin.from)
            .chain(bins.last().map(|bin| bin.to));
        let mut free = 0.0;
        for (nth, end) in ends.enumerate() {
            let name = drawable(end).map_or("more".to_owned(), |end| self.measured.tick(end));
            let half = width(&name, LETTER, Weight::Regular) / 2.0;
            let tick = frame.room.x + nth as f64 * pitch;
            let x = tick.min(frame.scene.width - half - 4.0);
            if x - half >= free {
                let y = frame.room.bottom();
                frame
                    .scene
                    .hairline((tick, y), (tick, y + 5.0), frame.palette.axis);
                frame.label(&name, (x, y + 18.0), Anchor::Middle, frame.palette.muted);
                free = x + half + 10.0;
            }
        }
    }
}
