//! Combinations of misbehaviours: each alone, all pairs, and random ones. A row has a value for each dimension; zero is
//! the value of a server that behaves.

use std::collections::BTreeSet;

/// Something that varies.
pub(super) struct Dimension {
    pub(super) name: &'static str,
    /// How many values it has.
    pub(super) values: usize,
    /// Values with which the store has to be followed all the same.
    pub(super) tolerated: Vec<usize>,
    /// It is how the store is used, and not a misbehaviour.
    pub(super) is_use: bool,
}

pub(super) type Row = Vec<usize>;

impl Dimension {
    /// A misbehaviour, with which the store has to be followed where its value is one of these.
    pub(super) fn new(name: &'static str, values: usize, tolerated: &[usize]) -> Self {
        let tolerated = [0].into_iter().chain(tolerated.iter().copied()).collect();
        Self { name, values, tolerated, is_use: false }
    }

    /// A misbehaviour, with which the store has to be followed whatever its value is.
    pub(super) fn tolerated(name: &'static str, values: usize) -> Self {
        Self { name, values, tolerated: (0..values).collect(), is_use: false }
    }

    /// How the store is used.
    pub(super) fn of_use(name: &'static str, values: usize) -> Self {
        Self { is_use: true, ..Self::tolerated(name, values) }
    }
}

/// SplitMix64.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).expect("it is below a `usize`")
    }
}

/// How many random rows: `PROPTEST_CASES`, or so many.
pub(super) fn random_cases(default: usize) -> usize {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

/// The seed: `KOPRS_EXTERNAL_TEST_SEED`, or another one each time.
pub(super) fn seed() -> u64 {
    let given = std::env::var("KOPRS_EXTERNAL_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        u64::from(now.unwrap().subsec_nanos())
    })
}

/// Whether the store has to be followed all the same.
pub(super) fn is_tolerated(dimensions: &[Dimension], row: &Row) -> bool {
    dimensions.iter().zip(row).all(|(it, value)| it.tolerated.contains(value))
}

/// Each misbehaviour alone, twice: in the first way of use of the first dimension, and in another one; always in the
/// first way of the second.
pub(super) fn singles(dimensions: &[Dimension], random: &mut Random) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, dimension) in dimensions.iter().enumerate().filter(|(_, it)| !it.is_use) {
        for value in 1..dimension.values {
            for first in [0, 1 + random.below(dimensions[0].values - 1)] {
                let mut row = used(dimensions, random);
                (row[0], row[1], row[at]) = (first, 0, value);
                rows.push(row);
            }
        }
    }
    rows
}

/// Rows in which every two values of two dimensions meet, where the store has to be followed all the same.
pub(super) fn pairs(dimensions: &[Dimension], random: &mut Random) -> Vec<Row> {
    let values = |at: usize| &dimensions[at].tolerated;
    let mut open = BTreeSet::new();
    for one in 0..dimensions.len() {
        for other in one + 1..dimensions.len() {
            for a in values(one) {
                open.extend(values(other).iter().map(|b| ((one, *a), (other, *b))));
            }
        }
    }
    let mut rows = Vec::new();
    while let Some(&((one, a), (other, b))) = open.iter().next() {
        let mut row: Vec<Option<usize>> = vec![None; dimensions.len()];
        (row[one], row[other]) = (Some(a), Some(b));
        for at in 0..dimensions.len() {
            if row[at].is_some() {
                continue;
            }
            let gain = |value: usize| {
                let set = row.iter().enumerate().filter_map(|(it, set)| Some((it, (*set)?)));
                set.filter(|met| open.contains(&ordered(*met, (at, value)))).count()
            };
            let start = random.below(values(at).len());
            let turned = values(at).iter().cycle().skip(start).take(values(at).len());
            row[at] = turned.copied().max_by_key(|value| gain(*value));
        }
        let row: Row = row.into_iter().flatten().collect();
        for one in 0..row.len() {
            for other in one + 1..row.len() {
                open.remove(&((one, row[one]), (other, row[other])));
            }
        }
        rows.push(row);
    }
    rows
}

fn ordered<T: Ord>(one: T, other: T) -> (T, T) {
    if one < other { (one, other) } else { (other, one) }
}

/// A random way of use, and up to three misbehaviours.
pub(super) fn random(dimensions: &[Dimension], random: &mut Random) -> Row {
    let mut row = used(dimensions, random);
    for _ in 0..=random.below(3) {
        let at = random.below(dimensions.len());
        row[at] = random.below(dimensions[at].values);
    }
    row
}

fn used(dimensions: &[Dimension], random: &mut Random) -> Row {
    let value = |it: &Dimension| if it.is_use { random.below(it.values) } else { 0 };
    dimensions.iter().map(value).collect()
}

/// What a row differs in from a server that behaves.
fn described(dimensions: &[Dimension], row: &Row, listing: impl Fn(&Row) -> String) -> String {
    let set = dimensions.iter().zip(row).filter(|(_, value)| **value != 0);
    let words: Vec<_> = set.map(|(it, value)| format!("{}={value}", it.name)).collect();
    let (with, without) = (listing(row), listing(&vec![0; row.len()]));
    let without: BTreeSet<_> = without.lines().collect();
    let with: Vec<_> = with.lines().map(str::trim).collect();
    let lines = with.into_iter().filter(|line| !without.iter().any(|it| it.trim() == *line));
    format!("{} ({})", words.join(" "), lines.collect::<String>())
}

/// Plays rows, and shrinks those that fail: the smallest of each kind are reported together.
pub(super) async fn all_hold(
    dimensions: &[Dimension],
    rows: impl IntoIterator<Item = Row>,
    is_consistent_lie: impl Fn(&Row) -> bool,
    listing: impl Fn(&Row) -> String,
    play: impl AsyncFn(&Row) -> Result<(), String>,
) {
    let mut failures: Vec<String> = Vec::new();
    for row in rows.into_iter().filter(|row| !is_consistent_lie(row)) {
        let Err(mut why) = play(&row).await else { continue };
        let mut row = row;
        for at in 0..row.len() {
            let mut smaller = row.clone();
            smaller[at] = 0;
            if smaller != row
                && !is_consistent_lie(&smaller)
                && let Err(still) = play(&smaller).await
            {
                (row, why) = (smaller, still);
            }
        }
        let kind = described(dimensions, &row, &listing);
        if !failures.contains(&kind) {
            println!("{kind}\n    {why}");
            failures.push(kind);
        }
        assert!(failures.len() < 12, "{} kinds fail", failures.len());
    }
    assert!(failures.is_empty(), "{} kinds fail", failures.len());
}
