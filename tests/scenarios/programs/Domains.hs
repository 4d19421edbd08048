{-# LANGUAGE CApiFFI #-}
-- | What Ping and Pong share: the runtime's C calls (halvm/event.h, grant.h, xenstore.h), with errors
-- as exceptions, and waiting that lets other threads run.
module Domains
  ( Port, Reference
  , ownDomain
  , offerPort, bindPort, sendOn, waitFor, closePort
  , newPage, freePage, grant, endGrant, mapGrant, unmapGrant
  , storeWrite, storeRead, storeRemove, storePermit, storeShare, storeAwait, storeWatch
  ) where

import Control.Concurrent (threadWaitRead)
import Control.Exception (bracket)
import Control.Monad (forever, void, when)
import Data.Int (Int64)
import Data.Word (Word32, Word64)
import Foreign hiding (void)
import Foreign.C
import System.Posix.Types (Fd (..))

type Port = Word32
type Reference = Word32

foreign import capi unsafe "halvm/event.h halvm_domain_id" c_domain_id :: IO CInt
foreign import capi unsafe "halvm/event.h halvm_event_offer" c_offer :: CUInt -> IO CInt
foreign import capi unsafe "halvm/event.h halvm_event_bind" c_bind :: CUInt -> Port -> IO CInt
foreign import capi unsafe "halvm/event.h halvm_event_send" c_send :: Port -> IO CInt
foreign import capi unsafe "halvm/event.h halvm_event_take" c_take :: Port -> IO CInt
foreign import capi unsafe "halvm/event.h halvm_event_descriptor" c_descriptor :: Port -> IO CInt
foreign import capi unsafe "halvm/event.h halvm_event_close" c_close_port :: Port -> IO CInt
foreign import capi unsafe "halvm/grant.h halvm_pages" c_pages :: CSize -> IO (Ptr a)
foreign import capi unsafe "halvm/grant.h halvm_pages_free" c_pages_free :: Ptr a -> CSize -> IO ()
foreign import capi unsafe "halvm/grant.h halvm_grant" c_grant :: CUInt -> Ptr a -> CInt -> IO Int64
foreign import capi unsafe "halvm/grant.h halvm_grant_end" c_grant_end :: Reference -> IO CInt
foreign import ccall unsafe "halvm_grant_map"
  c_map :: CUInt -> Ptr Reference -> CSize -> CInt -> Ptr (Ptr a) -> Ptr Word32 -> IO CInt
foreign import capi unsafe "halvm/grant.h halvm_grant_unmap" c_unmap :: Ptr a -> IO CInt
foreign import ccall unsafe "halvm_xenstore_request"
  c_request :: CUInt -> Word32 -> Ptr a -> CSize -> IO CInt
foreign import ccall unsafe "halvm_xenstore_answer" c_answer :: CInt -> Ptr a -> IO Int64
foreign import ccall unsafe "halvm_xenstore_watch" c_watch :: CString -> IO CInt
foreign import ccall unsafe "halvm_xenstore_event" c_event :: CInt -> CString -> IO Int64
foreign import ccall unsafe "close" c_close :: CInt -> IO CInt

check :: Integral a => String -> IO a -> IO Int
check what call = do
  result <- fromIntegral <$> call
  when (result < 0) $ ioError (errnoToIOError what (Errno (fromIntegral (negate result))) Nothing Nothing)
  return result

ownDomain :: IO Int
ownDomain = fromIntegral <$> c_domain_id

-- Event channels

offerPort :: Int -> IO Port
offerPort remote = fromIntegral <$> check "offer" (c_offer (fromIntegral remote))

bindPort :: Int -> Port -> IO Port
bindPort remote port = fromIntegral <$> check "bind" (c_bind (fromIntegral remote) port)

sendOn :: Port -> IO ()
sendOn port = void (check "send" (c_send port))

-- | Other threads run meanwhile.
waitFor :: Port -> IO ()
waitFor port = do
  descriptor <- check "descriptor" (c_descriptor port)
  let look = do
        came <- c_take port
        when (came == 0) (threadWaitRead (Fd (fromIntegral descriptor)) >> look)
  look

closePort :: Port -> IO ()
closePort port = void (check "close" (c_close_port port))

-- Grants

newPage :: IO (Ptr Word64)
newPage = do
  page <- c_pages 1
  when (page == nullPtr) (ioError (userError "no page"))
  return page

freePage :: Ptr a -> IO ()
freePage page = c_pages_free page 1

grant :: Int -> Ptr a -> IO Reference
grant remote page = fromIntegral <$> check "grant" (c_grant (fromIntegral remote) page 1)

endGrant :: Reference -> IO ()
endGrant reference = void (check "end of a grant" (c_grant_end reference))

mapGrant :: Int -> Reference -> IO (Ptr Word64)
mapGrant remote reference =
  with reference $ \references -> alloca $ \at -> do
    _ <- check "map" (c_map (fromIntegral remote) references 1 1 at nullPtr)
    peek at

unmapGrant :: Ptr a -> IO ()
unmapGrant at = void (check "unmap" (c_unmap at))

-- XenStore

-- | A request of a type of xen/io/xs_wire.h; each word of the payload ends with a zero byte but the last.
request :: CUInt -> [String] -> String -> IO String
request kind ended rest = withCStringLen (concatMap (++ "\0") ended ++ rest) $ \(payload, len) -> do
  descriptor <- fromIntegral <$> check "XenStore" (c_request kind 0 payload (fromIntegral len))
  threadWaitRead (Fd descriptor)
  allocaBytes 4096 $ \answer -> do
    got <- check "XenStore" (c_answer descriptor answer)
    peekCStringLen (answer, got)

storeRead :: String -> IO String
storeRead path = request 2 [path] ""

storeWrite :: String -> String -> IO ()
storeWrite path value = void (request 11 [path] value)

storeRemove :: String -> IO ()
storeRemove path = void (request 13 [path] "")

-- | Domain OTHER may read what OWNER owns.
storePermit :: String -> Int -> Int -> IO ()
storePermit = permit 'r'

-- | The other may write, too.
storeShare :: String -> Int -> Int -> IO ()
storeShare = permit 'b'

permit :: Char -> String -> Int -> Int -> IO ()
permit access path owner other = void (request 14 [path, 'n' : show owner, access : show other] "")

-- | Waits until an action on what can be read at a path has a result.
storeAwait :: String -> IO (Maybe a) -> IO a
storeAwait path look =
  bracket (fromIntegral <$> withCString path (check "watch" . c_watch)) c_close $ \descriptor ->
    let next = do
          threadWaitRead (Fd descriptor)
          _ <- allocaBytes 4096 (check "watch" . c_event descriptor)
          look >>= maybe next return
     in next

-- | Does something at once and whenever a path, or what is below it, changes. Ends by an exception.
storeWatch :: String -> IO () -> IO a
storeWatch path act =
  bracket (fromIntegral <$> withCString path (check "watch" . c_watch)) c_close $ \descriptor -> forever $ do
    threadWaitRead (Fd descriptor)
    _ <- allocaBytes 4096 (check "watch" . c_event descriptor)
    act
