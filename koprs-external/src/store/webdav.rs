//! A folder of a WebDAV server, as it is listed.

use http::{HeaderValue, Request, Response, StatusCode};
use object_store::client::{HttpError, HttpRequestBody, HttpResponseBody};
use url::Url;

use super::connector::{Checked, PAGE_BYTES, checked, collect, disbelieved};
use super::multistatus::{self, WebDavError};
use super::page::{PageError, cut};
use super::refusal;
use crate::offload;
use crate::spec::Trust;

impl Checked {
    /// Lists a folder, and looks into folders that may have members which the answer does not show.
    pub(super) async fn folder(
        &self,
        request: Request<HttpRequestBody>,
        url: &Url,
    ) -> Result<Response<HttpResponseBody>, HttpError> {
        let mut again = Request::new(());
        (*again.method_mut(), *again.headers_mut()) =
            (request.method().clone(), request.headers().clone());
        let is_infinite = request.headers().get("depth").is_some_and(|it| it == "infinity");
        let (head, body) = self.send(request).await?.into_parts();
        match head.status {
            StatusCode::MULTI_STATUS => {}
            // `object_store` takes it for an empty folder.
            StatusCode::NOT_FOUND => return Err(disbelieved(PageError::Missing)),
            status if status.is_success() => {
                return Err(disbelieved(WebDavError::Status(status.as_u16()).into()));
            }
            _ => return refusal::checked(Response::from_parts(head, body)).await,
        }
        let (body, url) = (collect(body).await?, url.clone());
        let cost = body.len() / PAGE_BYTES;
        let read = move || {
            let answer = multistatus::read(&body, &url);
            (body, answer)
        };
        let (body, answer) = offload::run(Trust::Trusted, cost, read).await;
        let answer = answer.map_err(disbelieved)?;
        for suspect in answer.suspects.iter().filter(|_| is_infinite) {
            if self.has_members(&again, suspect).await? {
                let folder = cut(suspect.path());
                return Err(disbelieved(WebDavError::Shallow(folder).into()));
            }
        }
        checked(head, body, answer.page)
    }

    async fn has_members(&self, again: &Request<()>, folder: &Url) -> Result<bool, HttpError> {
        let unverified = |why: String| {
            disbelieved(WebDavError::Unverified { path: cut(folder.path()), why }.into())
        };
        let mut request = Request::new(HttpRequestBody::empty());
        (*request.method_mut(), *request.headers_mut()) =
            (again.method().clone(), again.headers().clone());
        request.headers_mut().insert("depth", HeaderValue::from_static("1"));
        *request.uri_mut() = folder.as_str().parse().map_err(|_| unverified("bad URL".into()))?;
        let (head, body) = self.send(request).await?.into_parts();
        match head.status {
            StatusCode::MULTI_STATUS => {
                let (body, folder) = (collect(body).await?, folder.clone());
                let cost = body.len() / PAGE_BYTES;
                let read = move || multistatus::has_members(&body, &folder);
                offload::run(Trust::Trusted, cost, read).await.map_err(disbelieved)
            }
            // It is gone by now.
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(false),
            status => Err(unverified(format!("the server answered {}", status.as_u16()))),
        }
    }
}
