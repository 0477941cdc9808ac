//! The items of a page, on their way into a round.

use super::TakesItems;
use crate::change::{Fingerprint, Keyed, RawItem, Round, Shape};
use crate::error::DecodeError;
use crate::offload::Stop;

/// Takes the items of a page into a round.
pub(super) struct Taker<'a, T> {
    pub(super) keyed: &'a mut Keyed<T>,
    pub(super) round: &'a mut Round<T, DecodeError>,
    pub(super) limit: usize,
    /// The shape of the pages before, in this walk and in earlier ones.
    pub(super) before: [Option<Shape>; 2],
    pub(super) shape: Option<Shape>,
    /// Whether there are more items than the limit.
    pub(super) too_many: bool,
    pub(super) stop: &'a Stop,
}

impl<T: Clone> TakesItems<T> for Taker<'_, T> {
    fn begins(&mut self, shape: Shape) -> Result<(), String> {
        let [walk, known] = self.before;
        self.shape = Some(shape);
        shape.check(walk, known)
    }

    fn expects(&self) -> Option<usize> {
        self.keyed.expects(self.round)
    }

    fn is_expected(&mut self, content: Fingerprint) -> bool {
        let goes_on = self.round.len() < self.limit && !self.stop.is_set();
        goes_on && self.keyed.recognises(self.round, content)
    }

    fn item(&mut self, item: &dyn RawItem<T, Bad = DecodeError>) -> bool {
        self.too_many = self.round.len() >= self.limit;
        if !self.too_many {
            self.keyed.saw(self.round, item);
        }
        !self.too_many && !self.stop.is_set() && self.round.full().is_none()
    }
}
