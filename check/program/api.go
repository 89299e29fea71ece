package program

import (
	"strings"
)

// EffectKind says what an effect does to the person or the world.
type EffectKind uint8

// The kinds of effect.
const (
	Set      EffectKind = iota + 1 // a state is set: State, Value
	Dialog                         // a native or library dialog opens
	Open                           // a component is told to open, through a ref: Node
	Toast                          // a short message
	Navigate                       // to another page: Route
	Back                           // to the page before
	Exit                           // out of the program
	Request                        // something is sent: Text is the address as far as it is written
	Store                          // written to storage: Name of the API, Args[0] the key
	Load                           // read from storage
	Forget                         // removed from storage
	Login                          // the platform's silent login
	Profile                        // the platform asks for the profile or an authorisation
	Phone                          // the platform is asked for the phone number by a call
	Pay                            //
	Emit                           // an event to who uses the component: Name
	Outside                        // any other call of what is not the project's
)

// platforms are the objects that platforms put into every script.
var platforms = map[string]bool{
	"wx": true, "tt": true, "my": true, "swan": true, "ks": true, "qq": true, "dd": true, "jd": true, "xhs": true,
	"uni": true, "Taro": true, "@tarojs/taro": true, "plus": true, "ft": true, "has": true, "mpx": true, "wxp": true, "wepy": true,
}

// calls is what platform calls do, by their last name; nothing for a call that
// neither shows nor sends.
var calls = map[string]EffectKind{
	"showModal": Dialog, "confirm": Dialog, "alert": Dialog, "prompt": Dialog, "showActionSheet": Dialog, "showModalBox": Dialog,
	"showToast": Toast, "hideToast": 0,
	"navigateTo": Navigate, "redirectTo": Navigate, "switchTab": Navigate, "reLaunch": Navigate, "navigateToMiniProgram": Navigate,
	"navigateBack": Back, "exitMiniProgram": Exit, "navigateBackMiniProgram": Exit,
	"request": Request, "uploadFile": Request, "sendSocketMessage": Request, "httpRequest": Request, "callFunction": Request, "callContainer": Request,
	"setStorageSync": Store, "setStorage": Store, "getStorageSync": Load, "getStorage": Load,
	"removeStorageSync": Forget, "removeStorage": Forget, "clearStorageSync": Forget, "clearStorage": Forget,
	"login": Login, "getAuthCode": Login, "checkSession": Login,
	"getUserProfile": Profile, "getUserInfo": Profile, "authorize": Profile, "getOpenUserInfo": Profile, "openSetting": Profile,
	"getPhoneNumber":      Phone,
	"requestPayment":      Pay,
	"pay":                 Pay,
	"tradePay":            Pay,
	"requestOrderPayment": Pay,
}

// waiting are calls whose answer is there only after the person did something.
var waiting = map[string]bool{
	"showModal": true, "confirm": true, "alert": true, "prompt": true, "showActionSheet": true, "chooseImage": true, "chooseMedia": true,
	"chooseLocation": true, "chooseAddress": true, "scanCode": true, "scan": true, "chooseVideo": true, "getUserProfile": true,
	"requestPayment": true, "tradePay": true, "requestSubscribeMessage": true, "openSetting": true, "makePhoneCall": true,
	"choosePoi": true, "chooseInvoice": true, "multiLevelSelect": true, "datePicker": true, "showDatePickerView": true,
}

// libraries are calls of common libraries by their dotted ends.
var libraries = map[string]EffectKind{
	"Dialog.confirm": Dialog, "Dialog.alert": Dialog, "Dialog.beforeClose": Dialog, "Dialog": Dialog, "$dialog.confirm": Dialog, "$dialog.alert": Dialog, "$dialog": Dialog,
	"Modal.confirm": Dialog, "Modal.info": Dialog, "Modal.alert": Dialog, "Modal.show": Dialog, "Dialog.show": Dialog, "showConfirmDialog": Dialog, "showDialog": Dialog,
	"MessageBox.confirm": Dialog, "MessageBox.alert": Dialog, "MessageBox": Dialog, "ElMessageBox.confirm": Dialog, "ElMessageBox.alert": Dialog,
	"$confirm": Dialog, "$alert": Dialog, "$modal.confirm": Dialog, "$messagebox": Dialog, "$modal.alert": Dialog, "Popup.show": Dialog,
	"window.confirm": Dialog, "window.alert": Dialog, "window.prompt": Dialog, "layer.open": Dialog, "layer.confirm": Dialog, "layer.alert": Dialog,
	"swal": Dialog, "Swal.fire": Dialog, "$u.modal": Dialog,
	"Toast": Toast, "Toast.fail": Toast, "Toast.success": Toast, "Toast.info": Toast, "Toast.show": Toast, "$toast": Toast, "$u.toast": Toast, "showFailToast": Toast, "showSuccessToast": Toast,
	"Notify": Toast, "$notify": Toast, "message.error": Toast, "message.warning": Toast, "message.success": Toast, "message.info": Toast, "$message": Toast,
	"$message.error": Toast, "$message.warning": Toast, "$message.success": Toast, "ElMessage": Toast, "ElMessage.error": Toast, "ElMessage.warning": Toast, "ElMessage.success": Toast, "layer.msg": Toast,
	"$refs.uToast.show": Toast, "$refs.toast.show": Toast, "$modal.msg": Toast, "$modal.msgError": Toast, "$modal.msgSuccess": Toast, "$tip": Toast, "Message.error": Toast, "Message": Toast, "$api.msg": Toast, "$msg": Toast,
	"$router.push": Navigate, "$router.replace": Navigate, "router.push": Navigate, "router.replace": Navigate, "history.push": Navigate, "history.replace": Navigate,
	"location.replace": Navigate, "location.assign": Navigate, "window.open": Navigate, "navigate": Navigate, "$Router.push": Navigate, "$Router.replace": Navigate, "$u.route": Navigate,
	"$router.back": Back, "$router.go": Back, "router.back": Back, "history.back": Back, "history.go": Back, "history.goBack": Back,
	"axios": Request, "axios.post": Request, "axios.get": Request, "axios.put": Request, "axios.request": Request, "fetch": Request,
	"$http.post": Request, "$http.get": Request, "$http.request": Request, "$u.post": Request, "$u.get": Request, "$u.put": Request, "$u.http.post": Request, "$u.http.get": Request,
	"$.ajax": Request, "$.post": Request, "$.get": Request, "jQuery.ajax": Request, "jQuery.post": Request, "cloud.callFunction": Request, "uniCloud.callFunction": Request,
	"localStorage.setItem": Store, "sessionStorage.setItem": Store, "localStorage.getItem": Load, "sessionStorage.getItem": Load,
	"localStorage.removeItem": Forget, "sessionStorage.removeItem": Forget, "window.localStorage.setItem": Store, "Cookies.set": Store,
}

// silent are names of calls that no rule asks about.
var silent = map[string]bool{
	"console": true, "Math": true, "JSON": true, "Object": true, "Array": true, "Date": true, "Number": true, "String": true, "Boolean": true, "RegExp": true,
	"parseInt": true, "parseFloat": true, "isNaN": true, "encodeURIComponent": true, "decodeURIComponent": true, "Symbol": true, "Promise": true, "Reflect": true,
	"clearTimeout": true, "clearInterval": true, "require": true, "define": true, "Error": true, "Set": true, "Map": true, "performance": true,
}

// composing are calls of which composition functions are made: they only make a state.
var composing = map[string]bool{
	"ref": true, "shallowRef": true, "reactive": true, "shallowReactive": true, "useState": true, "useRef": true, "customRef": true, "computed": true,
	"useMemo": true, "useCallback": true, "toRefs": true, "toRef": true, "unref": true, "toRaw": true, "markRaw": true, "readonly": true, "storeToRefs": true,
	"defineProps": true, "withDefaults": true, "defineEmits": true, "defineModel": true, "defineExpose": true, "defineOptions": true, "defineSlots": true,
	"getCurrentInstance": true, "useStore": true, "memo": true, "forwardRef": true, "createContext": true, "useContext": true, "defineComponent": true,
	"mapState": true, "mapGetters": true, "mapMutations": true, "mapActions": true, "defineStore": true, "useImperativeHandle": false,
}

// finding are calls that look up a part of the page.
var finding = map[string]bool{
	"getElementById": true, "querySelector": true, "querySelectorAll": true, "getElementsByClassName": true, "getElementsByTagName": true,
	"selectComponent": true, "selectAllComponents": true, "createSelectorQuery": true, "getCurrentPages": true,
}

// known tells what a call of something outside does, by the dotted name that a
// reader sees and the term of what is called.
func (p *Program) known(callee *Term, name string) (EffectKind, bool) {
	for own, kind := range p.Own.Calls {
		if name == own || strings.HasSuffix(name, "."+own) {
			return kind, true
		}
	}
	for _, own := range p.Own.DialogCalls {
		if name == own || strings.HasSuffix(name, "."+own) {
			return Dialog, true
		}
	}
	first, _, dotted := strings.Cut(name, ".")
	last := lastName(name)
	if callee.Kind == External && platforms[callee.Name] || dotted && platforms[first] {
		kind, ok := calls[last]
		return kind, ok
	}
	if kind, ok := library(name); ok {
		return kind, true
	}
	// a platform call behind a wrapper of promises, as promisify(wx.login)(…)
	if callee.Kind == Result && callee.Str == "" && len(callee.Args) == 2 {
		if a := callee.Args[1]; a.Kind == Global || a.Kind == External {
			if f, _, dot := strings.Cut(a.Str, "."); dot && platforms[f] || a.Kind == External && platforms[a.Name] {
				kind, ok := calls[lastName(a.Str)]
				return kind, ok
			}
		}
	}
	if dotted { // wxp.showModal, this.$uni.showModal
		switch last {
		case "showModal", "showActionSheet", "showToast", "navigateTo", "redirectTo", "switchTab", "reLaunch", "navigateBack",
			"setStorageSync", "getStorageSync", "removeStorageSync", "requestPayment", "tradePay", "uploadFile", "callFunction":
			return calls[last], true
		}
	}
	if callee.Kind == Global && !dotted {
		switch name {
		case "confirm", "alert", "prompt", "fetch":
			if name == "fetch" {
				return Request, true
			}
			return Dialog, true
		}
	}
	return 0, false
}

func library(name string) (EffectKind, bool) {
	if kind, ok := libraries[name]; ok {
		return kind, true
	}
	rest := name
	for {
		i := strings.IndexByte(rest, '.')
		if i < 0 {
			return 0, false
		}
		rest = rest[i+1:]
		if rest == "" { // a call that was cut off behind its dot
			return 0, false
		}
		if !strings.ContainsAny(rest, ".$") && rest[0] >= 'a' && rest[0] <= 'z' {
			return 0, false // a bare method name proves nothing
		}
		if kind, ok := libraries[rest]; ok {
			return kind, true
		}
	}
}

// interactive reports whether a call's answer waits for the person.
func interactive(name string) bool {
	last := lastName(name)
	if !waiting[last] {
		return false
	}
	first, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return last == "confirm" || last == "alert" || last == "prompt" || last == "showModal"
	}
	if platforms[first] || strings.HasPrefix(first, "wx") {
		return true
	}
	kind, ok := library(name)
	return ok && kind == Dialog || last == "showModal" || last == "showActionSheet"
}

// hooks are the functions by which a composition function names what runs when
// its page opens; the value tells whether it runs by itself at that time.
var hooks = map[string]bool{
	"onMounted": true, "onBeforeMount": true, "onLoad": true, "onShow": true, "onReady": true, "onLaunch": true, "onActivated": true, "onCreated": true,
	"useLoad": true, "useDidShow": true, "useReady": true, "useLaunch": true, "useEffect": true, "useLayoutEffect": true, "useMount": true, "usePageShow": true,
	"watchEffect": true, "useDidMount": true, "useAsyncEffect": true, "useInit": true, "onPageShow": true,
	"onUnmounted": false, "onBeforeUnmount": false, "onHide": false, "onUnload": false, "onPullDownRefresh": false, "onReachBottom": false,
	"onShareAppMessage": false, "onShareTimeline": false, "onPageScroll": false, "onBackPress": false, "onDeactivated": false, "onUpdated": false, "onBeforeUpdate": false,
	"onTabItemTap": false, "onResize": false, "useDidHide": false, "useUnload": false, "useUnmount": false, "usePullDownRefresh": false, "useReachBottom": false,
	"useShareAppMessage": false, "usePageScroll": false, "onNavigationBarButtonTap": false, "onError": false, "onErrorCaptured": false,
}

// lifecycles are the members by which a page or component names what runs by
// itself when it opens, in the order they run.
var lifecycles = []string{
	"beforeCreate", "created", "onInit", "onLaunch", "onLoad", "didMount", "attached", "beforeMount", "componentWillMount",
	"onShow", "componentDidShow", "show", "ready", "mounted", "componentDidMount", "activated", "onReady", "onPageShow",
}
