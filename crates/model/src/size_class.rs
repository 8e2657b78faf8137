//! How large things are, in the classes that people know from storage reports.

/// The classes of S3 Storage Lens: the largest size of each, and what it is called. What is larger than the last is of one class more.
const EDGES: [(u64, &str); 17] = [
    (0, "0 B"),
    (128 << 10, "≤ 128 KiB"),
    (256 << 10, "≤ 256 KiB"),
    (512 << 10, "≤ 512 KiB"),
    (1 << 20, "≤ 1 MiB"),
    (2 << 20, "≤ 2 MiB"),
    (4 << 20, "≤ 4 MiB"),
    (8 << 20, "≤ 8 MiB"),
    (16 << 20, "≤ 16 MiB"),
    (32 << 20, "≤ 32 MiB"),
    (64 << 20, "≤ 64 MiB"),
    (128 << 20, "≤ 128 MiB"),
    (256 << 20, "≤ 256 MiB"),
    (512 << 20, "≤ 512 MiB"),
    (1 << 30, "≤ 1 GiB"),
    (2 << 30, "≤ 2 GiB"),
    (4 << 30, "≤ 4 GiB"),
];

/// One of the 18 size classes of S3 Storage Lens, the smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SizeClass(u8);

impl SizeClass {
    /// How many there are.
    pub const COUNT: usize = EDGES.len() + 1;

    /// The class of a size in bytes.
    pub fn of(bytes: u64) -> Self {
        let class = EDGES.partition_point(|(edge, _)| *edge < bytes);
        Self(u8::try_from(class).unwrap_or(u8::MAX))
    }

    /// Every class, the smallest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..).map(Self).take(Self::COUNT)
    }

    /// The largest sizes of all classes but the last, which has none.
    pub fn edges() -> impl Iterator<Item = u64> {
        EDGES.iter().map(|(edge, _)| *edge)
    }

    /// Its place among all.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// What it is called: `≤ 128 KiB`.
    pub fn name(self) -> &'static str {
        EDGES.get(self.index()).map_or("> 4 GiB", |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: u64, name: &str) {
        assert_eq!(SizeClass::of(bytes).name(), name, "{bytes}");
    }

    #[test]
    fn an_edge_belongs_to_the_class_below() {
        check(0, "0 B");
        check(1, "≤ 128 KiB");
        check(128 << 10, "≤ 128 KiB");
        check((128 << 10) + 1, "≤ 256 KiB");
        check(4 << 30, "≤ 4 GiB");
        check((4 << 30) + 1, "> 4 GiB");
        check(u64::MAX, "> 4 GiB");
    }

    #[test]
    fn there_are_eighteen_in_order() {
        let all: Vec<_> = SizeClass::all().collect();
        assert_eq!((all.len(), SizeClass::COUNT), (18, 18));
        assert!(all.is_sorted() && SizeClass::edges().is_sorted());
        let of_edges: Vec<_> = SizeClass::edges().chain([u64::MAX]).map(SizeClass::of).collect();
        assert_eq!(of_edges, all);
    }
}
