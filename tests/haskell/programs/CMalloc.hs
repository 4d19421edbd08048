-- malloc, calloc, realloc and free of many sizes keep contents and alignment. Catches an
-- allocator that hands out overlapping blocks.
module Main (main) where

import Control.Monad
import Foreign

main :: IO ()
main = do
  let sizes = [1, 2, 3, 7, 8, 15, 16, 17, 31, 64, 100, 1000, 4095, 4096, 4097, 70000, 300000]
  blocks <- forM (zip [1 ..] sizes) $ \(k, n) -> do
    p <- mallocBytes n :: IO (Ptr Word8)
    fillBytes p k n
    return (p, k, n)
  print (all (\(p, _, _) -> ptrToWordPtr p `mod` 16 == 0) blocks)
  bigger <- forM blocks $ \(p, k, n) -> do
    q <- reallocBytes p (n * 2)
    same <- filled q k n
    fillBytes q k (n * 2)
    return (q, k, n * 2, same)
  print (and [s | (_, _, _, s) <- bigger])
  oks <- forM bigger $ \(q, k, n, _) -> filled q k n
  print (and oks)
  forM_ bigger (\(q, _, _, _) -> free q)
  z <- callocBytes 10000 :: IO (Ptr Word8)
  filled z 0 10000 >>= print
  free z
  ps <- forM [1 .. 2000 :: Int] (\n -> mallocBytes (n `mod` 50 + 1) :: IO (Ptr Word8))
  mapM_ free ps
  free nullPtr
  putStrLn "freed"

-- | Looks at the ends and at every 61st byte between.
filled :: Ptr Word8 -> Word8 -> Int -> IO Bool
filled p k n = all (== k) <$> mapM (peekElemOff p) (n - 1 : [0, 61 .. n - 1])
