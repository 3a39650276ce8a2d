// At the edge, before a request goes on to the API: tells who asks. The API would see the edge's address.
function handler(event) {
  var request = event.request;
  request.headers["x-atp-viewer"] = { value: event.viewer.ip };
  return request;
}
