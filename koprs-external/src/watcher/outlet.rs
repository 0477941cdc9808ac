//! Where events go: a channel, or the hand of whoever polls a stream.

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::mpsc;

use super::ExternalEvent;
use super::control::Control;

/// Nobody takes events any more.
pub(super) struct Closed;

/// Takes the events of a poll.
pub(super) trait Outlet<T>: Send + Sync + 'static {
    /// Until every event was taken, in order. Notes in the control how many are left after each.
    fn deliver(
        &self,
        events: Vec<ExternalEvent<T>>,
        control: &Control,
    ) -> impl Future<Output = Result<(), Closed>> + Send;

    /// Until nobody takes events any more.
    fn closed(&self) -> impl Future<Output = ()> + Send;
}

/// An event is taken when the channel has accepted it.
impl<T: Send + 'static> Outlet<T> for mpsc::Sender<ExternalEvent<T>> {
    async fn deliver(
        &self,
        events: Vec<ExternalEvent<T>>,
        control: &Control,
    ) -> Result<(), Closed> {
        let mut events = events.into_iter();
        while let Some(event) = events.next() {
            self.send(event).await.map_err(|_| Closed)?;
            control.set_undelivered(events.len());
        }
        Ok(())
    }

    async fn closed(&self) {
        mpsc::Sender::closed(self).await;
    }
}

/// An event is taken when the consumer asks for the next one: only then is it done with it.
///
/// The task puts a whole batch down; the consumer takes one event at a time. One lock, two wakers.
#[derive(Debug)]
pub(super) struct Hand<T>(Arc<Mutex<Table<T>>>);

#[derive(Debug)]
struct Table<T> {
    control: Arc<Control>,
    batch: std::vec::IntoIter<ExternalEvent<T>>,
    /// The consumer has an event that it has not come back from.
    in_hand: bool,
    ended: bool,
    consumer: Option<Waker>,
    task: Option<Waker>,
}

/// Where the event in the consumer's hand came from, whatever it is of.
pub(crate) trait InHand: Send + Sync {
    /// The consumer is done with it, though it does not ask here for the next.
    #[cfg_attr(not(feature = "yaml"), expect(dead_code, reason = "of sets"))]
    fn taken(&self);
}

impl<T: Send> InHand for Mutex<Table<T>> {
    fn taken(&self) {
        let mut table = self.lock().unwrap_or_else(PoisonError::into_inner);
        table.set_in_hand(false);
        let task = if table.batch.as_slice().is_empty() { table.task.take() } else { None };
        drop(table);
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl<T> Clone for Hand<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Hand<T> {
    pub(super) fn new(control: Arc<Control>) -> Self {
        let batch = Vec::new().into_iter();
        let table =
            Table { control, batch, in_hand: false, ended: false, consumer: None, task: None };
        Self(Arc::new(Mutex::new(table)))
    }

    pub(super) fn in_hand(&self) -> Arc<dyn InHand>
    where
        T: Send + 'static,
    {
        Arc::clone(&self.0) as Arc<dyn InHand>
    }

    fn lock(&self) -> MutexGuard<'_, Table<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The consumer comes back: what it had is taken, and it wants the next.
    pub(super) fn poll_take(&self, cx: &mut Context<'_>) -> Poll<Option<ExternalEvent<T>>> {
        let mut table = self.lock();
        if let Some(event) = table.batch.next() {
            table.set_in_hand(true);
            return Poll::Ready(Some(event));
        }
        table.set_in_hand(false);
        // An iterator at its end still has the room of all that it held.
        table.batch = Vec::new().into_iter();
        let task = table.task.take();
        if table.ended {
            return Poll::Ready(None);
        }
        table.consumer = Some(cx.waker().clone());
        drop(table);
        if let Some(task) = task {
            task.wake();
        }
        Poll::Pending
    }

    /// The task has ended: what was not taken is not to be had any more.
    pub(super) fn end(&self) {
        let mut table = self.lock();
        table.batch = Vec::new().into_iter();
        table.ended = true;
        let consumer = table.consumer.take();
        drop(table);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    fn put(&self, events: Vec<ExternalEvent<T>>) {
        let mut table = self.lock();
        table.batch = events.into_iter();
        let consumer = table.consumer.take();
        drop(table);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    fn poll_taken(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut table = self.lock();
        if table.batch.as_slice().is_empty() && !table.in_hand {
            return Poll::Ready(());
        }
        table.task = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<T> Table<T> {
    /// Notes whether the consumer has an event now, and that the one that it had is taken.
    fn set_in_hand(&mut self, in_hand: bool) {
        let had_one = std::mem::replace(&mut self.in_hand, in_hand);
        if had_one || in_hand {
            self.control.set_undelivered(self.batch.len() + usize::from(in_hand));
        }
    }
}

impl<T: Send + 'static> Outlet<T> for Hand<T> {
    async fn deliver(&self, events: Vec<ExternalEvent<T>>, _: &Control) -> Result<(), Closed> {
        if !events.is_empty() {
            self.put(events);
            poll_fn(|cx| self.poll_taken(cx)).await;
        }
        Ok(())
    }

    /// The stream says so itself when it is dropped, by asking the task to stop.
    async fn closed(&self) {
        std::future::pending().await
    }
}
