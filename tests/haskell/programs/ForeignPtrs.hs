-- mallocForeignPtr, plusForeignPtr and a C finalizer (free) over many objects. Catches memory
-- that leaks or is freed twice.
module Main (main) where

import Control.Monad
import Foreign
import System.Mem

main :: IO ()
main = do
  fp <- mallocForeignPtrArray 50 :: IO (ForeignPtr Int32)
  withForeignPtr fp (\p -> pokeArray p [1 .. 50])
  performGC
  let fp' = fp `plusForeignPtr` (4 * 10) :: ForeignPtr Int32
  withForeignPtr fp' peek >>= print
  withForeignPtr fp (peekArray 50) >>= print . sum
  forM_ [1 .. 5 :: Int] $ \_ -> do
    fs <- forM [1 .. 200] $ \k -> do
      p <- mallocBytes 1000
      pokeByteOff p 996 (k :: Int32)
      newForeignPtr finalizerFree (p :: Ptr Word8)
    ks <- forM fs (\f -> withForeignPtr f (\p -> peekByteOff p 996)) :: IO [Int32]
    when (sum ks /= 20100) (putStrLn "overwritten")
    performGC
  putStrLn "all collected"
