package douyin

import "time"

// style is how an answer is wrapped and which family of codes it speaks.
type style int

const (
	common style = iota // err_no, err_msg, log_id, data
	tips                // err_no, err_tips, data: the legacy host's own
	both                // common and err_tips: clients read either
	oauth               // data{error_code, description}, message
	life                // data{error_code, description}, extra{…}: local life
)

type object = map[string]any

// envelope wraps data, or a refusal when no is not 0.
func (s style) envelope(no int, text, logID string, data any, now time.Time) object {
	switch s {
	case oauth:
		inner, ok := data.(object)
		if !ok {
			inner = object{"captcha": "", "desc_url": ""}
		}
		inner["error_code"], inner["description"] = no, text
		message := "success"
		if no != 0 {
			message = "error"
		}
		return object{"data": inner, "message": message}
	case life:
		inner, ok := data.(object)
		if !ok {
			inner = object{}
		}
		inner["error_code"], inner["description"] = no, text
		return object{"data": inner, "extra": object{
			"error_code": no, "sub_error_code": 0, "description": text, "sub_description": "", "logid": logID, "now": now.Unix(),
		}}
	}
	out := object{"err_no": no, "log_id": logID}
	if s != tips {
		out["err_msg"] = text
	}
	if s != common {
		out["err_tips"] = text
		if no == 0 {
			out["err_tips"] = "success"
		}
	}
	if data != nil {
		out["data"] = data
	}
	return out
}
