//! Charts as SVG text and PNG bytes.
//!
//! A [`Chart`] is plain data: ranked bars, lines and areas over time, a heatmap, a histogram or the shares of a
//! whole, each with a [`Caption`]. It is laid out once, into a list of shapes and texts, and that list is written
//! either as SVG or as pixels, so that both show the same. The same input gives the same bytes.
//!
//! Nothing is asked of the outside: no network, no fonts of the system, no clock. Texts are measured with Noto Sans,
//! which is in the program and knows Latin, Greek and Cyrillic letters. In a PNG every other letter is
//! an empty box, and right-to-left text isn't reordered; in an SVG the reader's own fonts show them.
//!
//! Labels may be anybody's text: they stay on one line, control and bidirectional characters are shown
//! escaped, and what doesn't fit is shortened in the middle. Values that aren't finite or are negative count as
//! absent. What is too much for a picture is left out, and the picture says so.
//!
//! ```
//! use spacewatch_plot::{Bar, BarChart, Caption, Chart, Size, Theme, Unit};
//!
//! let chart = Chart::from(BarChart {
//!     caption: Caption::new("Top IPs").with_subtitle("1 July 2026, 98 % of expected logs"),
//!     unit: Unit::Count,
//!     rows: vec![Bar::new("192.0.2.7", 1_234.0), Bar::new("198.51.100.9", 87.0)],
//! });
//! assert!(chart.svg(Size::default(), Theme::Light).contains("192.0.2.7"));
//! assert!(chart.png(Size::default(), Theme::Dark)?.starts_with(b"\x89PNG"));
//! # Ok::<(), spacewatch_plot::PlotError>(())
//! ```

mod bars;
mod caption;
mod chart;
mod font;
mod frame;
mod heatmap;
mod histogram;
mod label;
mod palette;
mod raster;
mod scale;
mod scene;
mod shares;
mod size;
mod svg;
mod time_axis;
mod time_chart;
mod unit;

pub use bars::{Bar, BarChart};
pub use caption::Caption;
pub use chart::{Chart, PlotError};
pub use heatmap::Heatmap;
pub use histogram::{Bin, Histogram};
pub use palette::{Ink, Theme};
pub use shares::{Share, ShareChart};
pub use size::{InvalidSize, Size};
pub use time_chart::{Series, SeriesKind, TimeChart};
pub use unit::Unit;
