-- A C source given on the command line: structs, static data, a callback and printf from C.
-- Catches an object of the program's own that the link drops.
module Main (main) where

import Foreign
import Foreign.C
import System.IO

foreign import ccall "cbits_sum" cSum :: Ptr CInt -> CInt -> IO CLong
foreign import ccall "cbits_counter" cCounter :: IO CInt
foreign import ccall "cbits_name" cName :: CInt -> IO CString
foreign import ccall "cbits_apply" cApply :: FunPtr (CInt -> IO CInt) -> CInt -> IO CInt
foreign import ccall "cbits_print" cPrint :: CInt -> CDouble -> CString -> IO ()
foreign import ccall "wrapper" mkF :: (CInt -> IO CInt) -> IO (FunPtr (CInt -> IO CInt))

main :: IO ()
main = do
  withArrayLen [1 .. 100] (\n p -> cSum p (fromIntegral n)) >>= print
  mapM_ (const (cCounter >>= print)) "abc"
  cName 1 >>= peekCString >>= putStrLn
  cName 9 >>= \p -> print (p == nullPtr)
  f <- mkF (\n -> putStrLn ("called with " ++ show n) >> return (n * 2))
  cApply f 5 >>= print
  freeHaskellFunPtr f
  hFlush stdout
  withCString "text" (cPrint (-42) 2.5)
