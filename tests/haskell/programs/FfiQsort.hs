-- C's qsort calls back into Haskell for each comparison. Catches a re-entered scheduler that
-- does not come back, or a collection while C waits.
module Main (main) where

import Data.IORef
import Foreign
import Foreign.C
import System.Mem

type Compare = Ptr CInt -> Ptr CInt -> IO CInt
foreign import ccall "wrapper" mkCompare :: Compare -> IO (FunPtr Compare)
foreign import ccall safe "stdlib.h qsort" cQsort :: Ptr CInt -> CSize -> CSize -> FunPtr Compare -> IO ()

main :: IO ()
main = do
  calls <- newIORef (0 :: Int)
  cmp <- mkCompare $ \p q -> do
    n <- atomicModifyIORef' calls (\c -> (c + 1, c + 1))
    if n `mod` 100 == 0 then performMinorGC else return ()
    a <- peek p
    b <- peek q
    return (fromIntegral (fromEnum (compare a b)) - 1)
  let xs = take 200 (iterate (\x -> (x * 1103 + 12345) `mod` 10007) 42)
  withArrayLen xs $ \n p -> do
    cQsort p (fromIntegral n) 4 cmp
    ys <- peekArray n p
    print (take 15 ys)
    print (and (zipWith (<=) ys (tail ys)), sum ys == sum xs)
  freeHaskellFunPtr cmp
  n <- readIORef calls
  print (n > 200)
